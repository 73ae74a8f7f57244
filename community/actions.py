"""What people do in the forum. Each action checks its permission first, is atomic, and writes an audit row.

All raise PermissionDenied.
"""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.audiences import STAFF, Person, narrow, new_readers
from accounts.models import Audience
from accounts.permissions import require
from community import notices, permissions
from community.models import Answer, Question, SpacePage, Vote
from kb.models import TopicPage
from markup import text
from notifications.actions import follow
from search.models.outbox import enqueue_documents


class NobodyLeft(ValueError):
    """The question would have no readers at all."""


@transaction.atomic
def ask(
    *,
    by: Person,
    space: SpacePage,
    title: str,
    body: str,
    language: str,
    topic: TopicPage | None = None,
    audience: Audience | None = None,
) -> Question:
    """Post a question. Its asker follows it; the space's team and followers are notified.

    `audience` narrows that of the space. Raises markup.text.TooLong, NobodyLeft.
    """
    require(permissions.can_ask(by, space))
    question = Question(
        space=space,
        topic=topic or space.topic,
        author=by.account,
        title=title.strip(),
        body=body,
        body_html=text.render(body),
        language=language,
        own_audience=audience,
    )
    question.settle_audience()
    if not question.audience.key_set:
        raise NobodyLeft
    question.save()
    follow(by=by, key=question.key)
    audit.record("community.ask", by=by.account, target=question)
    notices.new_question(question)
    return question


@transaction.atomic
def answer(*, by: Person, question: Question, body: str) -> Answer:
    """Answer a question, and notify its asker and followers. Raises markup.text.TooLong."""
    require(permissions.can_answer(by, question))
    question = _locked(question)
    given = Answer.objects.create(
        question=question,
        author=by.account,
        body=body,
        body_html=text.render(body),
        from_staff=STAFF in by.keys,
    )
    _settle(question, last_activity=given.created)
    audit.record("community.answer", by=by.account, target=given)
    notices.new_answer(given)
    return given


@transaction.atomic
def edit_question(*, by: Person, question: Question, title: str, body: str, topic: TopicPage | None = None) -> Question:
    """Change a question's text and mark it as edited. Raises markup.text.TooLong."""
    require(permissions.can_edit(by, question))
    question.title, question.body, question.body_html = title.strip(), body, text.render(body)
    question.topic, question.edited = topic, timezone.now()
    question.save(update_fields=["title", "body", "body_html", "topic", "edited"])
    audit.record("community.edit_question", by=by.account, target=question)
    return question


@transaction.atomic
def edit_answer(*, by: Person, answer: Answer, body: str) -> Answer:
    """Change an answer's text and mark it as edited. Raises markup.text.TooLong."""
    require(permissions.can_edit(by, answer))
    answer.body, answer.body_html, answer.edited = body, text.render(body), timezone.now()
    answer.save(update_fields=["body", "body_html", "edited"])
    audit.record("community.edit_answer", by=by.account, target=answer)
    return answer


@transaction.atomic
def vote(*, by: Person, row: Question | Answer) -> bool:
    """Vote for an answer, or for a question ("I have this too"), which also follows it. Return False if `by` had voted
    already."""
    require(permissions.can_vote(by, row))
    _vote, created = Vote.objects.get_or_create(user=by.account, **_voted(row))
    if created:
        _count(row, 1)
        audit.record("community.vote", by=by.account, target=row)
    if isinstance(row, Question):
        follow(by=by, key=row.key)
    return created


@transaction.atomic
def unvote(*, by: Person, row: Question | Answer) -> bool:
    """Take a vote back. Return False if there was none."""
    require(permissions.can_vote(by, row))
    deleted, _rows = Vote.objects.filter(user=by.account, **_voted(row)).delete()
    if deleted:
        _count(row, -1)
        audit.record("community.unvote", by=by.account, target=row)
    return bool(deleted)


@transaction.atomic
def accept(*, by: Person, answer: Answer) -> Question:
    """Mark an answer as the one that solved the question, instead of an earlier one, and notify its author."""
    require(permissions.can_accept(by, answer.question) and not answer.hidden)
    question = _locked(answer.question)
    if question.accepted_answer_id != answer.pk:
        question.accepted_answer = answer
        _settle(question, last_activity=timezone.now())
        audit.record("community.accept", by=by.account, target=answer)
        notices.accepted(answer, by=by)
    return question


@transaction.atomic
def unaccept(*, by: Person, question: Question) -> Question:
    """Mark the question as not solved."""
    require(permissions.can_accept(by, question))
    question = _locked(question)
    if question.accepted_answer_id:
        audit.record("community.unaccept", by=by.account, target=question, answer=question.accepted_answer_id)
        question.accepted_answer = None
        _settle(question)
    return question


@transaction.atomic
def move(*, by: Person, question: Question, space: SpacePage) -> Question:
    """Move a question to another space. It never gets more readers by that: it keeps the audience that its asker chose,
    or, if that would be wider in the new space, its present readers. Raises NobodyLeft if the two audiences have no
    readers in common."""
    require(permissions.can_move(by, question) and space.live and permissions.can_see(by, space))
    question = _locked(question)
    before, readers = question.space_id, question.audience.key_set
    question.space = space
    question.settle_audience()
    if new_readers(question.audience.key_set, readers):
        question.own_audience = Audience.objects.of(narrow(readers, space.audience.key_set))
        question.settle_audience()
    if not question.audience.key_set:
        raise NobodyLeft
    question.save(update_fields=["space", "own_audience", "audience"])
    audit.record("community.move", by=by.account, target=question, before=before, after=space.pk)
    return question


@transaction.atomic
def hide(*, by: Person, row: Question | Answer) -> None:
    """Withdraw one's own text: only its author and moderators still see it."""
    require(permissions.can_withdraw(by, row))
    _set_hidden(row, by=by, hidden=True)
    audit.record("community.withdraw", by=by.account, target=row)


@transaction.atomic
def restore(*, by: Person, row: Question | Answer) -> None:
    """Show a withdrawn text again."""
    require(permissions.can_unwithdraw(by, row))
    _set_hidden(row, by=None, hidden=False)
    audit.record("community.unwithdraw", by=by.account, target=row)


@transaction.atomic
def hide_flagged(*, by: Person, row: Question | Answer, reason: str) -> None:
    """Hide a flagged text. The moderator need not be able to read it: they hold no key of closed spaces they are not
    in."""
    require(permissions.is_moderator(by))
    _set_hidden(row, by=by, hidden=True)
    audit.record("community.hide", by=by.account, target=row, reason=reason)


@transaction.atomic
def restore_flagged(*, by: Person, row: Question | Answer) -> None:
    """Show again a text that moderators hid."""
    require(permissions.is_moderator(by))
    _set_hidden(row, by=None, hidden=False)
    audit.record("community.restore", by=by.account, target=row)


def _voted(row: Question | Answer) -> dict[str, Any]:
    return {"question": row} if isinstance(row, Question) else {"answer": row}


def _count(row: Question | Answer, change: int) -> None:
    # Called only after a vote's row was inserted or deleted, so the count follows the rows without a lock.
    type(row)._default_manager.filter(pk=row.pk).update(vote_count=F("vote_count") + change)
    row.refresh_from_db(fields=["vote_count"])
    enqueue_documents(*row.search_keys())


def _locked(question: Question) -> Question:
    # Answering, hiding and accepting all update the question's state, so they run one at a time.
    return Question.objects.select_for_update(of=("self",)).select_related("audience", "space").get(pk=question.pk)


def _settle(question: Question, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(question, name, value)
    question.settle_state()
    question.save(update_fields=["state", "answer_count", "accepted_answer", *changes])


def _set_hidden(row: Question | Answer, *, by: Person | None, hidden: bool) -> None:
    question = _locked(row.question if isinstance(row, Answer) else row)
    row.hidden, row.hidden_by = hidden, by.account if by else None
    row.save(update_fields=["hidden", "hidden_by"])
    if isinstance(row, Answer):
        _settle(question)
