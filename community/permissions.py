"""Who may do what in the forum. `can_…(person, row)`: the person sees the row, and their role and the row allow it."""

from accounts.audiences import Person
from community.models import Answer, CommunityIndexPage, Question, SpacePage


def can_see(person: Person, row: SpacePage | CommunityIndexPage | Question | Answer) -> bool:
    """Hold a key of the row's audience. An answer has its question's."""
    audience = row.question.audience if isinstance(row, Answer) else row.audience
    return bool(audience.key_set & person.keys)


def is_moderator(person: Person) -> bool:
    """Hide what others wrote, and read what is hidden."""
    return person.has_perm("community.moderate")


def can_ask(person: Person, space: SpacePage) -> bool:
    """Ask in a space. Visitors without an account are offered a chat instead."""
    return space.live and person.has_perm("community.ask") and can_see(person, space)


def can_answer(person: Person, question: Question) -> bool:
    """Answer a question."""
    return not question.hidden and person.has_perm("community.answer") and can_see(person, question)


def can_edit(person: Person, row: Question | Answer) -> bool:
    """Change the text: its author and moderators, while it is not hidden."""
    if row.hidden or not person.user.is_authenticated:
        return False
    return (_wrote(person, row) or is_moderator(person)) and can_see(person, row)


def can_vote(person: Person, row: Question | Answer) -> bool:
    """Find an answer useful, or have the same question: everybody but its author."""
    allowed = not row.hidden and person.has_perm("community.vote") and not _wrote(person, row)
    return allowed and can_see(person, row)


def can_flag(person: Person, row: Question | Answer) -> bool:
    """Ask moderators to look at what somebody else wrote."""
    return not row.hidden and person.has_perm("moderation.flag") and not _wrote(person, row)


def can_accept(person: Person, question: Question) -> bool:
    """Choose the answer that solved the question: its asker, and staff with the permission."""
    if question.hidden or not person.user.is_authenticated:
        return False
    return (_wrote(person, question) or person.has_perm("community.accept_any")) and can_see(person, question)


def can_move(person: Person, question: Question) -> bool:
    """Move a question to another space."""
    return is_moderator(person) and can_see(person, question)


def can_withdraw(person: Person, row: Question | Answer) -> bool:
    """Hide one's own text."""
    return not row.hidden and _wrote(person, row) and can_see(person, row)


def can_unwithdraw(person: Person, row: Question | Answer) -> bool:
    """Show one's own text again after withdrawing it; not after a moderator hid it."""
    return row.withdrawn and _wrote(person, row) and can_see(person, row)


def can_hide(person: Person, row: Question | Answer) -> bool:
    """Hide by the button on the page: moderators any text, authors their own."""
    return not row.hidden and (is_moderator(person) or can_withdraw(person, row))


def can_restore(person: Person, row: Question | Answer) -> bool:
    """Show again by the button on the page."""
    return row.hidden and (is_moderator(person) or can_unwithdraw(person, row))


def can_capture(person: Person, question: Question) -> bool:
    """Make an FAQ of a question."""
    return not question.hidden and person.has_perm("kb.draft_faq")


def _wrote(person: Person, row: Question | Answer) -> bool:
    return person.user.is_authenticated and row.author_id == person.user.pk
