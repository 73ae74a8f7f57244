"""What the views share: rows that the viewer may read, redirects, and asking visitors to sign in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.requests import Request
from community import permissions
from community.models import Answer, Question


def readable_question(request: Request, pk: int) -> Question:
    """Return the question. Raises Http404 unless the viewer may read it."""
    moderator = permissions.is_moderator(request.viewer)
    rows = Question.objects.readable_by(request.viewer, moderator=moderator)
    found = rows.select_related("author", "space__audience", "audience", "topic").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def readable_answer(request: Request, pk: int) -> Answer:
    """Return the answer. Raises Http404 unless the viewer may read it."""
    moderator = permissions.is_moderator(request.viewer)
    rows = Answer.objects.readable_by(request.viewer, moderator=moderator)
    found = rows.select_related("author", "question__space", "question__audience").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def question_url(question: Question, anchor: str = "") -> str:
    """Return the address of a question's page in the active language."""
    return reverse("community:question", args=[question.pk, question.slug]) + anchor


def row_url(row: Question | Answer) -> str:
    """Return the address where a question or an answer is read."""
    return question_url(row.question, f"#answer-{row.pk}") if isinstance(row, Answer) else question_url(row)


def back_to(request: Request, url: str) -> HttpResponse:
    """Redirect to `url` after an action, also for htmx."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def to_sign_in(request: Request, url: str) -> HttpResponse:
    """Redirect to the sign-in page, which leads back to `url`."""
    return back_to(request, f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': url})}")


def acting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that runs an action: visitors are asked to sign in first, and a refusal is a 403."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            messages.info(request, _("Sign in first. Then do it again: nothing is lost."))
            return to_sign_in(request, reverse("community:index"))
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            if request.htmx:
                return HttpResponse(status=403)
            raise

    return wrapper
