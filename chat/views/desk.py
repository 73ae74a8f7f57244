"""For those who answer: the desk with its queue, and what the team answered before."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.audiences import Person
from accounts.models import Team
from accounts.permissions import require
from accounts.requests import Request
from chat import permissions, presence
from chat.forms import TransferForm
from chat.models import Conversation, Event
from chat.views.shown import conversation_context, find
from web.params import number, search_text

LONGEST = 50  # conversations shown in each list


def desk_context(viewer: Person) -> dict[str, Any]:
    """The lists of the desk: waiting, own, colleagues'. Six queries at most."""
    rows = Conversation.objects.visible_to(viewer).of_teams(viewer.team_ids).for_lists()
    active = rows.filter(state=Conversation.State.ACTIVE)
    teams = list(Team.objects.filter(pk__in=viewer.team_ids))
    here = presence.agents_here([team.pk for team in teams])
    return {
        "waiting": list(rows.waiting()[:LONGEST]),
        "own": list(active.filter(taken_by=viewer.user).order_by("-team_to_move", "last_at")[:LONGEST]),
        "others": list(active.exclude(taken_by=viewer.user).order_by("-last_at")[:LONGEST]),
        "teams": [{"team": team, "here": here[team.pk]} for team in teams],
    }


@never_cache
@login_required
@require_safe
def desk(request: Request, pk: int | None = None) -> HttpResponse:
    """The desk, with a conversation open beside its queue. htmx asks for the conversation alone."""
    viewer = _agent(request)
    context: dict[str, Any] = {}
    if pk is not None:
        conversation = find(viewer, pk)
        context = conversation_context(request, conversation) | {
            "asker": permissions.is_asker(viewer, conversation),
            "can_answer": permissions.can_answer(viewer, conversation),
            "can_capture": permissions.can_capture(viewer, conversation),
            "transfer_form": TransferForm(without=conversation.team_id),
            "before": _before(viewer, conversation),
        }
    if getattr(request, "htmx", False) and pk is not None:
        return render(request, "chat/_pane.html", context)
    return render(request, "chat/desk.html", context | desk_context(viewer))


def _before(viewer: Person, conversation: Conversation) -> list[Conversation]:
    """What this asker asked this team's people before."""
    who = Q(customer=conversation.customer) if conversation.customer_id else Q(visitor=conversation.visitor)
    rows = Conversation.objects.visible_to(viewer).filter(who).exclude(pk=conversation.pk)
    return list(rows.order_by("-created")[:5])


@never_cache
@login_required
@require_safe
def lists(request: Request) -> HttpResponse:
    """Fragment: the queues as they are now."""
    return render(request, "chat/_desk_lists.html", desk_context(_agent(request)))


def _agent(request: Request) -> Person:
    viewer = request.viewer
    require(permissions.can_use_desk(viewer))
    return viewer


@never_cache
@login_required
@require_safe
def history(request: Request) -> HttpResponse:
    """What the teams of this person were asked: by words, team, state, and by who answered."""
    viewer = request.viewer
    require(permissions.can_see_history(viewer))
    rows = Conversation.objects.visible_to(viewer).of_teams(viewer.team_ids).for_lists()
    for word in search_text(request.GET).split()[:8]:
        said = Event.objects.filter(conversation=OuterRef("pk"), kind=Event.Kind.MESSAGE, body__icontains=word)
        rows = rows.filter(Q(subject__icontains=word) | Exists(said))
    if (state := request.GET.get("state", "")) in Conversation.State.values:
        rows = rows.filter(state=state)
    if (team := number(request.GET.get("team"))) is not None:
        rows = rows.filter(team=team)
    if request.GET.get("by") == "me":
        rows = rows.filter(participants__user=viewer.user, participants__is_staff=True)
    page = Paginator(rows.order_by("-last_at", "-pk"), 25).get_page(request.GET.get("page"))
    teams = Team.objects.filter(pk__in=viewer.team_ids)
    context = {"page_obj": page, "teams": teams, "states": Conversation.State.choices, "get": request.GET}
    return render(request, "chat/history.html", context)
