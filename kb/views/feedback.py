"""Did this help?"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audiences
from accounts.requests import Request
from accounts.visitors import new_token, remember
from kb import actions
from kb.addresses import page_url
from kb.forms import FeedbackForm
from kb.models import ArticlePage, Faq
from kb.models.feedback import feedback_key
from web import limits, once


@require_POST
def give(request: Request, kind: str, pk: int) -> HttpResponse:
    """Store whether a text helped, once for each person or visitor. Return the fragment, or redirect to the page."""
    target = _target(request, kind, pk)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _answer(request, target, form, status=422)
    try:
        limits.charge("feedback", request)
    except limits.TooMany as refusal:
        return _answer(request, target, form, status=429, retry_after=refusal.retry_after)
    who, token = feedback_key(request.viewer), ""
    if not who:
        token = new_token(once.rendering(request))
        who = audiences.visitor(token)
    feedback = actions.give_feedback(
        by=request.viewer,
        who=who,
        target=target,
        helpful=form.cleaned_data["helpful"],
        reason=form.cleaned_data["reason"],
    )
    response = _answer(request, target, form, feedback=feedback)
    if token:
        remember(response, token)
    return response


def _target(request: Request, kind: str, pk: int) -> Faq | ArticlePage:
    if kind == "faq":
        return get_object_or_404(Faq.objects.visible_to(request.viewer).select_related("locale"), pk=pk)
    if kind == "article":
        return get_object_or_404(ArticlePage.objects.visible_to(request.viewer).select_related("locale"), pk=pk)
    raise Http404


def _answer(
    request: Request, target: Faq | ArticlePage, form: FeedbackForm, status: int = 200, **context: object
) -> HttpResponse:
    if request.htmx:
        context |= {"target": target, "kind": target.search_kind, "form": form, "asked": True}
        response = render(request, "kb/_feedback.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response
    if status == 200:
        messages.success(request, _("Thank you. Your answer helps the next person."))
    elif status == 429:
        messages.error(
            request, _("That is a lot of answers in a short time. Nothing is lost; try again a little later.")
        )
    else:
        messages.error(request, _("Something went wrong. Choose yes or no."))
    url = target.get_absolute_url() if isinstance(target, Faq) else page_url(target)
    return redirect(f"{url}#feedback")
