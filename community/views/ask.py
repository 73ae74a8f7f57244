"""Asking: one field first; what is known already appears beside it."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from community import actions
from community.forms import AskForm
from community.views.access import Request, question_url, to_sign_in
from markup import text
from moderation.forms import allowed, show


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request) -> HttpResponse:
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
    if not (form.is_valid() and allowed(form, request, "ask")):
        return _page(request, form)
    data = form.cleaned_data
    question = actions.ask(
        by=request.user, space=data["space"], title=data["q"], body=data["body"], language=data["language"]
    )
    return HttpResponseRedirect(question_url(question))


def _page(request: Request, form: AskForm) -> HttpResponse:
    typed = str(form["q"].value() or "")
    may_ask = request.user.has_perm("community.ask")
    return show(request, "community/ask.html", form, chat_url=chat_url(typed, ""), chat_query=typed, may_ask=may_ask)


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
def preview(request: Request) -> HttpResponse:
    """Markdown (`body`) as the HTML that readers will see, for the editor's preview. For people who may write."""
    if not request.user.has_perm("community.answer"):
        raise PermissionDenied
    try:
        return HttpResponse(text.render(request.POST.get("body", "").replace("\r\n", "\n")))
    except text.TooLong:
        return HttpResponse(_("This text is too long to show."), status=422)
