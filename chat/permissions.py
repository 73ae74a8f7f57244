"""Who may do what in a conversation. Pure: the conversation comes with its audience, the viewer with their keys."""

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Team
from chat.models import Conversation

_ASKER = ("user:", "visitor:")


def can_start(viewer: Person, team: Team) -> bool:
    """Whether the viewer may put a question to this team; anonymous visitors may once they have a token."""
    if not team.takes_chats:
        return False
    return viewer.user.has_perm("chat.start") if viewer.user.is_authenticated else bool(viewer.visitor)


def can_see(viewer: Person, conversation: Conversation) -> bool:
    """Whether the conversation exists for the viewer."""
    return bool(viewer.keys & conversation.audience.key_set)


def is_asker(viewer: Person, conversation: Conversation) -> bool:
    """Whether the viewer is the one who asks. Agents never stand in the audience by their own key."""
    return any(key.startswith(_ASKER) for key in viewer.keys & conversation.audience.key_set)


def can_answer(viewer: Person, conversation: Conversation) -> bool:
    """Whether the viewer may take and answer it: an agent of its team who did not ask it."""
    return (
        viewer.user.has_perm("chat.answer")
        and audiences.team(conversation.team_id) in viewer.keys
        and not is_asker(viewer, conversation)
    )


def can_post(viewer: Person, conversation: Conversation) -> bool:
    """Whether the viewer may write in it at all; closed ones must be reopened first."""
    return is_asker(viewer, conversation) or can_answer(viewer, conversation)


def can_capture(viewer: Person, conversation: Conversation) -> bool:
    """Whether the viewer may make an FAQ of it."""
    return viewer.user.has_perm("kb.draft_faq") and can_see(viewer, conversation)


def can_use_desk(viewer: Person) -> bool:
    """Whether the viewer has a desk: an agent who answers for at least one team."""
    return viewer.user.has_perm("chat.answer") and bool(viewer.team_ids)


def can_see_history(viewer: Person) -> bool:
    """Whether the viewer may look through what their teams answered."""
    return viewer.user.has_perm("chat.see_team_history") and bool(viewer.team_ids)
