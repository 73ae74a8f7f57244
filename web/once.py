"""Idempotent forms: a form creates something once, however often it arrives.

It may arrive again by a second click, a restored tab, or a proxy or browser that retries.

Django masks the CSRF token anew at each rendering, so the token in a form identifies that rendering. Every form has
one, including Wagtail's and allauth's. Together with the sender, the URL and the other fields it gives the key of one
submission. The key is unique and is stored, with the URL the form led to, in the transaction that creates the row. A
later duplicate, even a millisecond later, is redirected to the same URL. A refused form stores nothing. Changed text is
another submission: whoever goes back, changes the text and sends it again means it.

A script that sends the value of the CSRF cookie instead does not identify a rendering. Then the same fields count as
one submission only for AT_ONCE, since the script may mean them again later.

    @require_POST
    @once.only
    def answer(request, pk):
        …
        return once.create(request, lambda: HttpResponseRedirect(row_url(actions.answer(…))))
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CSRF_TOKEN_LENGTH
from django.utils import timezone
from django.utils.translation import gettext as _

from web.models import SentForm

KEPT, AT_ONCE = timedelta(days=2), timedelta(seconds=30)
_SCRIPT = "script:"  # prefix of keys made from the cookie's value
_FIELD = "csrfmiddlewaretoken"
Answer = TypeVar("Answer", bound=HttpResponse | None)


def only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that creates something with `create`.

    A duplicate is redirected to where the first one led, before anything is checked or counted, and also if the view
    refuses it because the first one succeeded meanwhile.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if led := _led(request, key):
            return led
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseRedirect) and (led := _led(request, key)):
            return led
        return response

    wrapper.creates_once = True  # type: ignore[attr-defined]  # read by tests/test_once.py
    return wrapper


def create(request: HttpRequest, make: Callable[[], Answer]) -> Answer | HttpResponse:
    """Return the response of `make`, which creates something and redirects to it.

    With any other response the form counts as refused and may be sent again. If the same form arrives twice at one
    moment, the later one is rolled back and redirected to the page of the other.
    """
    key = _key(request)
    try:
        with transaction.atomic():
            response = make()
            if key.startswith(_SCRIPT):
                SentForm.objects.filter(key=key, created__lte=_since(key)).delete()
            if key and isinstance(response, HttpResponseRedirect):
                SentForm(key=key, url=response.url).save(force_insert=True)
    except IntegrityError:
        if led := _led(request, key):
            return led
        raise
    return response


class CreatesOnce:
    """Mixin with `only` and `create` for Django's form views. Place it before the view in the bases."""

    creates_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the view's response, or a redirect to where the same form led before."""
        return only(super().dispatch)(request, *args, **kwargs)  # type: ignore[misc]  # a mixin of views

    def form_valid(self, form: Any) -> HttpResponse:
        """Create the object and store where the form led."""
        made: Callable[[], HttpResponse] = partial(super().form_valid, form)  # type: ignore[misc]  # a mixin of views
        return create(self.request, made)  # type: ignore[attr-defined]  # a mixin of views


def rendering(request: HttpRequest) -> str:
    """Return what identifies the rendering of the sent form, known to its browser alone; "" if it comes from no form.

    Scripts may send the CSRF cookie's own value instead, which is half as long.
    """
    token = _token(request)
    return token if len(token) == CSRF_TOKEN_LENGTH else ""


def purge() -> int:
    """Delete what was sent long ago. Return the number of forms."""
    return SentForm.objects.filter(created__lt=timezone.now() - KEPT).delete()[0]


def _led(request: HttpRequest, key: str) -> HttpResponse | None:
    sent = SentForm.objects.filter(key=key, created__gt=_since(key)).first() if key else None
    if sent is None:
        return None
    messages.info(request, _("You had already sent this; it counts once."))
    return HttpResponseRedirect(sent.url)


def _since(key: str) -> datetime:
    return timezone.now() - (AT_ONCE if key.startswith(_SCRIPT) else KEPT)


def _token(request: HttpRequest) -> str:
    return request.POST.get(_FIELD, "") if request.method == "POST" else ""


def _key(request: HttpRequest) -> str:
    token = _token(request)
    if not token:
        return ""
    fields = sorted((name, values) for name, values in request.POST.lists() if name != _FIELD)
    files = sorted((name, [(file.name, file.size) for file in sent]) for name, sent in request.FILES.lists())
    act = repr((request.user.pk, token, request.get_full_path(), fields, files))
    digest = hashlib.sha256(act.encode(errors="surrogatepass")).hexdigest()
    return digest if len(token) == CSRF_TOKEN_LENGTH else _SCRIPT + digest
