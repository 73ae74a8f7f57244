"""The form that asks a question. Existing answers appear beside it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import require
from community import actions
from community.forms import AskForm
from community.models.questions import BODY_LENGTH, TITLE_LENGTH
from community.views.access import Request, question_url, to_sign_in
from discovery.analytics import query_log
from discovery.duplicates import before_posting
from markup.text import TooLong, render
from moderation.forms import allowed, show
from web import once
from web.params import number, text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@once.only
def ask(request: Request) -> HttpResponse:
    """Show the form, and post a question. The button `chat` takes the same text to a chat instead.

    `?q=` fills in the question, `?space=` (its number) chooses the space, `?search=` names the search before it.
    """
    if request.method != "POST":
        initial = {
            **_words(request.GET.get("q", "")),
            "space": number(request.GET.get("space")),
            "search": text(request.GET, "search", 200),
        }
        return _page(request, AskForm(initial=initial, viewer=request.viewer))
    if "chat" in request.POST:
        search = request.POST.get("search", "")
        return HttpResponseRedirect(chat_url(request.POST.get("q", ""), request.POST.get("body", ""), search))
    if not request.user.is_authenticated:
        typed = {name: text(request.POST, name, 200) for name in ("q", "search")}
        query = urlencode({name: value for name, value in typed.items() if value or name == "q"})
        return to_sign_in(request, f"{reverse('community:ask')}?{query}")
    form = AskForm(request.POST, viewer=request.viewer)
    if not form.is_valid():
        return _page(request, form)
    data = form.cleaned_data
    if found := before_posting(data["q"], request.POST, viewer=request.viewer, language=data["language"]):
        return _page(request, form, already=found)
    if not allowed(form, request, "ask"):
        return _page(request, form)
    return once.create(request, lambda: _ask(request, data))


def _ask(request: Request, data: dict[str, Any]) -> HttpResponse:
    """Ask what was typed. The fields of the form are the action's parameters, but for the two that search shares."""
    values = {name: value for name, value in data.items() if name not in ("q", "search")}
    question = actions.ask(by=request.viewer, title=data["q"], **values)
    query_log.log_outcome(search_id=data["search"], outcome="question")
    return HttpResponseRedirect(question_url(question))


def _words(typed: str) -> dict[str, str]:
    """Return the question on one line. If it is too long for the field, the body holds all of it."""
    typed = " ".join(typed[:BODY_LENGTH].split())
    if len(typed) <= TITLE_LENGTH:
        return {"q": typed}
    return {"q": typed[:TITLE_LENGTH].rpartition(" ")[0] or typed[:TITLE_LENGTH], "body": typed}


def _page(request: Request, form: AskForm, **more: Any) -> HttpResponse:
    typed = str(form["q"].value() or "")
    may_ask = request.viewer.has_perm("community.ask")
    more |= {"chat_url": chat_url(typed, ""), "chat_query": typed, "search_ref": form["search"].value() or ""}
    return show(request, "community/ask.html", form, may_ask=may_ask, **more)


def chat_url(title: str, body: str, search: str = "") -> str:
    """Return where a chat begins, with the text typed so far and the search before it. "" if there is no chat."""
    try:
        start = reverse("chat:start")
    except NoReverseMatch:
        return ""
    words = "\n\n".join(part.strip() for part in (title, body) if part.strip())[:1500]
    parameters = {name: value for name, value in (("q", words), ("search", search[:200])) if value}
    return f"{start}?{urlencode(parameters)}" if parameters else start


@require_POST
def preview(request: Request) -> HttpResponse:
    """Return Markdown (`body`) as the HTML that readers will see: a preview for people who may answer."""
    require(request.viewer.has_perm("community.answer"))
    try:
        return HttpResponse(render(request.POST.get("body", "").replace("\r\n", "\n")))
    except TooLong:
        return HttpResponse(_("This text is too long to show."), status=422)
