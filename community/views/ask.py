"""Asking: one field first; what is known already appears beside it."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from community import actions
from community.forms import AskForm
from community.views.access import question_url, to_sign_in
from markup import text
from moderation import limits


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; posting it asks, or with the button `chat` goes to a person with the same words.

    `?q=` fills the question in, `?space=` (its number) chooses where.
    """
    if request.method != "POST":
        initial = {"q": request.GET.get("q", "")[:200], "space": _number(request.GET.get("space", ""))}
        return _page(request, AskForm(initial=initial, viewer=request.viewer))
    if "chat" in request.POST:
        return HttpResponseRedirect(chat_url(request.POST.get("q", ""), request.POST.get("body", "")))
    if not request.user.is_authenticated:
        query = urlencode({"q": request.POST.get("q", "")[:200]})
        return to_sign_in(request, f"{reverse('community:ask')}?{query}")
    form = AskForm(request.POST, viewer=request.viewer)
    if not form.is_valid():
        return _page(request, form, status=422)
    return _ask(request, form)


def _ask(request: HttpRequest, form: AskForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        limits.take("ask", limits.who(request))
        question = actions.ask(
            by=request.user,
            space=data["space"],
            title=data["q"],
            body=data["body"],
            language=data["language"],
        )
    except limits.TooMany as error:
        form.add_error(None, too_many(error))
        return _page(request, form, status=429)
    return HttpResponseRedirect(question_url(question))


def _page(request: HttpRequest, form: AskForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "chat_url": chat_url(str(form["q"].value() or ""), ""),
        "may_ask": request.user.has_perm("community.ask"),
    }
    return render(request, "community/ask.html", context, status=status)


def too_many(error: limits.TooMany) -> str:
    """What somebody reads who was too quick. Their text is still in the form."""
    minutes = max(1, -(-error.retry_after // 60))
    return _("That was a lot in a short time. Your text is still here; try again in %(minutes)s min.") % {
        "minutes": minutes
    }


def chat_url(title: str, body: str) -> str:
    """Where a chat begins, with the words typed so far. Empty when there is no chat."""
    try:
        start = reverse("chat:start")
    except NoReverseMatch:
        return ""
    words = "\n\n".join(part.strip() for part in (title, body) if part.strip())[:1500]
    return f"{start}?{urlencode({'q': words})}" if words else start


def _number(value: str) -> Any:
    return int(value) if value.isdecimal() and len(value) < 10 else None


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Markdown (`body`) as the HTML that readers will see, for the editor's preview. For people who may write."""
    if not request.user.has_perm("community.answer"):
        raise PermissionDenied
    try:
        html = text.render(request.POST.get("body", "").replace("\r\n", "\n"))
    except text.TooLong:
        message = _("This text is too long to show.")
        return render(request, "community/_preview.html", {"message": message}, status=422)
    return render(request, "community/_preview.html", {"html": html})
