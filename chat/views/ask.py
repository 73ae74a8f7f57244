"""For those who ask: start a conversation, come back to one, see all of one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import visitors
from accounts.audiences import Person, viewer_for
from accounts.models import Team
from accounts.requests import Request
from chat import actions, permissions, presence, resume_links
from chat.forms import StartForm
from chat.models import Conversation, Participant
from chat.models.conversation import visitor_hash
from discovery.analytics import query_log
from discovery.duplicates import Duplicates, before_posting
from kb.models import TopicPage
from moderation.forms import allowed, show
from web import once, params
from web.addresses import local_url


def _as_visitor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever is not known and sends a form is a visitor from then on, and gets the cookie of one with the redirect."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or request.user.is_authenticated or request.viewer.visitor:
            return view(request, *args, **kwargs)
        token = visitors.new_token(once.rendering(request))
        request.viewer = viewer_for(request.user, token)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseRedirect):
            visitors.remember(response, token)
        return response

    return wrapper


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_as_visitor
@once.only
def start(request: Request) -> HttpResponse:
    """Choose a team and ask. `?q=` is the question, `page` and `title` where it arose, `team` a short name, `topic`,
    `search` the search before it."""
    found = None
    if request.method == "POST":
        form = StartForm(request.POST, viewer=request.viewer)
        if form.is_valid():
            found = _already(request, form)
            if not found and (response := _start(request, form)):
                return response
    else:
        form = StartForm(initial=_initial(request), viewer=request.viewer)
    return show(request, "chat/start.html", form, teams=_teams(form), already=found)


def _already(request: Request, form: StartForm) -> Duplicates | None:
    """Answers to show once to whoever saw none while typing. Whoever did wants a person all the same."""
    viewer = request.viewer
    question, language = form.cleaned_data["q"], get_language() or ""
    return before_posting(question, request.POST, viewer=viewer, language=language, insist=False)


def _initial(request: Request) -> dict[str, Any]:
    get = request.GET
    topics = TopicPage.objects.visible_to(request.viewer)
    topic = topics.filter(pk=params.key(get.get("topic"))).first() if "topic" in get else None
    slug = params.text(get, "team", 100) or (topic.team.slug if topic and topic.team else "")
    team = Team.objects.filter(slug=slug, takes_chats=True).first() if slug else None
    return {
        "q": params.text(get, "q", actions.MAX_MESSAGE),
        "team": team.pk if team else None,
        "page_url": local_url(get.get("page"), longest=500),
        "page_title": params.text(get, "title", 200),
        "topic": topic.pk if topic else None,
        "search": params.text(get, "search", 200),
    }


def _teams(form: StartForm) -> list[dict[str, Any]]:
    """The teams to choose from, with who is there and how many wait. Three queries."""
    teams = list(Team.objects.filter(takes_chats=True))
    ids = [team.pk for team in teams]
    here, waiting = presence.agents_here(ids), Conversation.objects.waiting_counts(ids)
    chosen = str(form["team"].value() or "") or (str(ids[0]) if len(ids) == 1 else "")
    return [
        {"team": t, "here": here[t.pk], "waiting": waiting.get(t.pk, 0), "chosen": str(t.pk) == chosen} for t in teams
    ]


def _start(request: Request, form: StartForm) -> HttpResponse | None:
    data = form.cleaned_data
    if not permissions.can_start(request.viewer, data["team"]):
        raise Http404
    if not allowed(form, request, "chat.start"):
        return None
    return once.create(request, lambda: _conversation(request.viewer, **data))


def _conversation(viewer: Person, *, q: str, search: str, **data: Any) -> HttpResponse:
    conversation = actions.start_conversation(by=viewer, question=q, language=get_language() or "nl", **data)
    query_log.log_outcome(search_id=search, outcome="chat")
    return redirect("chat:conversation", pk=conversation.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: Request, signed: str) -> HttpResponse:
    """An anonymous asker comes back, on whatever device. Whoever has an account asks under their own name.

    Opening the link changes nothing: a button does. Where the conversation is theirs already they go on at once.
    """
    found = resume_links.read(signed)
    if found is None:
        return render(request, "chat/link_gone.html", status=404)
    viewer, fresh = request.viewer, not request.viewer.visitor
    onward = redirect("chat:conversation", pk=found.conversation.pk)
    if request.method != "POST":
        known = permissions.is_asker(viewer, found.conversation)
        return onward if known and not found.confirms else render(request, "chat/link.html", {"link": found})
    if fresh:
        viewer = viewer_for(request.user, visitors.new_token(once.rendering(request)))
    actions.join_by_link(by=viewer, conversation=found.conversation, mailed=found.mailed)
    if fresh:
        visitors.remember(onward, viewer.visitor)
    return onward


@never_cache
@require_safe
def mine(request: Request) -> HttpResponse:
    """What I asked: in chat, and (by fragment) in the community."""
    viewer = request.viewer
    own = Q(user=request.user) if request.user.is_authenticated else Q(pk=None)
    if viewer.visitor:
        own |= Q(visitor=visitor_hash(viewer.visitor))
    seen = Participant.objects.filter(own, conversation=OuterRef("pk")).order_by("-last_seen").values("last_seen")[:1]
    rows = Conversation.objects.asked_by(viewer).for_lists().annotate(seen=Subquery(seen))
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "chat/mine.html", {"page_obj": page, "start_url": reverse("chat:start")})
