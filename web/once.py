"""What a form creates is created once, however often the form arrives: by a second click, a tab that is restored, a
proxy or a browser that tries again.

Django masks the CSRF token anew at each rendering, so the token in a form names that rendering; every form has one,
Wagtail's and allauth's too. With who sends it, the address and the other fields it makes the key of one act. The key is
stored in the transaction of what it creates, with where that led, and is unique: whoever comes later, even by a
millisecond, is led there as well. A form that was refused stores nothing. Other words are another act: whoever goes
back, changes the text and sends it again means it.

A script that sends the value of the CSRF cookie instead names no rendering: from it the same words are one act for
AT_ONCE only, since it may mean them again later.

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
_SCRIPT = "script:"  # begins the key of what came with the cookie's value
_FIELD = "csrfmiddlewaretoken"
Answer = TypeVar("Answer", bound=HttpResponse | None)


def only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view that creates with `create`: what came before is led to where that led, before anything is checked or
    counted, and also when the view refuses it because the other one was first."""

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
    """The answer of `make`, which creates something and leads on to it (a redirect; with any other answer the form was
    refused, and may come again). When the same form arrives twice at one moment, the later one is undone and led to
    the page of the other."""
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
    """`only` and `create` for one of Django's form views; stands before it in the bases."""

    creates_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The view's answer, or where the same form led before."""
        return only(super().dispatch)(request, *args, **kwargs)  # type: ignore[misc]  # a mixin of views

    def form_valid(self, form: Any) -> HttpResponse:
        """Create it, and remember where that leads."""
        made: Callable[[], HttpResponse] = partial(super().form_valid, form)  # type: ignore[misc]  # a mixin of views
        return create(self.request, made)  # type: ignore[attr-defined]  # a mixin of views


def rendering(request: HttpRequest) -> str:
    """What names the rendering of the form that is sent, known to its browser alone; "" when it comes from no form:
    the CSRF cookie's own value, which scripts may send instead, is half as long."""
    token = _token(request)
    return token if len(token) == CSRF_TOKEN_LENGTH else ""


def purge() -> int:
    """Forget what was sent long ago; how many forms."""
    return SentForm.objects.filter(created__lt=timezone.now() - KEPT).delete()[0]


def _led(request: HttpRequest, key: str) -> HttpResponse | None:
    sent = SentForm.objects.filter(key=key, created__gt=_since(key)).first() if key else None
    if sent is None:
        return None
    messages.info(request, _("This was sent already; it counts once."))
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
