"""Who is there: agents at the desk, askers in their conversation (see live/presence.py)."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from accounts.models import TeamMembership
from accounts.roles import permissions_by_role
from live import presence


def at_desk(user_id: int) -> None:
    """This agent is at the desk."""
    presence.renew(_agent(user_id))


def left_desk(user_id: int) -> None:
    """This agent closed the desk."""
    presence.end(_agent(user_id))


def agents_here(team_ids: Collection[int]) -> dict[int, int]:
    """Return how many agents of each team are at the desk now. One query for all teams."""
    answering = [role for role, listed in permissions_by_role().items() if "chat.answer" in listed]
    teams: dict[int, set[int]] = defaultdict(set)
    rows = TeamMembership.objects.filter(
        Q(team__in=team_ids) | Q(team__parent__in=team_ids),
        user__is_active=True,
        user__role_grants__role__in=answering,
    ).values_list("team_id", "team__parent_id", "user_id")
    for team_id, parent_id, user_id in rows:
        teams[team_id].add(user_id)
        if parent_id:
            teams[parent_id].add(user_id)
    people = {user_id for members in teams.values() for user_id in members}
    present = presence.present([_agent(user_id) for user_id in people])
    return {pk: sum(_agent(user_id) in present for user_id in teams[pk]) for pk in team_ids}


def in_conversation(conversation_id: int) -> None:
    """The asker has this conversation open."""
    presence.renew(_asker(conversation_id))


def left_conversation(conversation_id: int) -> None:
    """The asker closed it."""
    presence.end(_asker(conversation_id))


def asker_is_here(conversation_id: int) -> bool:
    """True if the asker has the conversation open, so that they need not be told otherwise."""
    return bool(presence.present([_asker(conversation_id)]))


def look_later(conversation_id: int) -> bool:
    """True for the first call in a while: one look back at an asker at a time is enough."""
    return presence.first(_look(conversation_id))


def _look(conversation_id: int) -> str:
    return f"chat.look.{conversation_id}"


def _agent(user_id: int) -> str:
    return f"chat.desk.{user_id}"


def _asker(conversation_id: int) -> str:
    return f"chat.asker.{conversation_id}"
