"""What people do in the forum. Each action checks its permission first, is atomic, and leaves an audit row."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.audiences import STAFF, narrow, new_readers, viewer_for
from accounts.models import Audience
from community import notices, permissions
from community.models import Answer, Question, SpacePage, Vote
from markup import text
from notifications.actions import follow
from search.models.outbox import enqueue_documents


class NobodyLeft(ValueError):
    """The move would leave the question with no readers at all."""


@transaction.atomic
def ask(
    *,
    by: Any,
    space: SpacePage,
    title: str,
    body: str,
    language: str,
    topic: Any = None,
    audience: Audience | None = None,
) -> Question:
    """Post a question; the asker follows it, and the space's team and followers are told.

    `audience` narrows it below the space's. Raises markup.text.TooLong, NobodyLeft.
    """
    permissions.require(permissions.can_ask(by, space), by, space)
    question = Question(
        space=space,
        topic=topic or space.topic,
        author=by,
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
    audit.record("community.ask", by=by, target=question)
    notices.new_question(question)
    return question


@transaction.atomic
def answer(*, by: Any, question: Question, body: str) -> Answer:
    """Answer a question; its asker and followers are told. Raises markup.text.TooLong."""
    permissions.require(permissions.can_answer(by, question), by, question)
    question = _locked(question)
    given = Answer.objects.create(
        question=question,
        author=by,
        body=body,
        body_html=text.render(body),
        from_staff=STAFF in viewer_for(by).keys,
    )
    _settle(question, last_activity=given.created)
    audit.record("community.answer", by=by, target=given)
    notices.new_answer(given)
    return given


@transaction.atomic
def edit_question(*, by: Any, question: Question, title: str, body: str, topic: Any = None) -> Question:
    """Change a question's words; it is marked as edited. Raises markup.text.TooLong."""
    permissions.require(permissions.can_edit(by, question), by, question)
    question.title, question.body, question.body_html = title.strip(), body, text.render(body)
    question.topic, question.edited = topic, timezone.now()
    question.save(update_fields=["title", "body", "body_html", "topic", "edited"])
    audit.record("community.edit_question", by=by, target=question)
    return question


@transaction.atomic
def edit_answer(*, by: Any, answer: Answer, body: str) -> Answer:
    """Change an answer's words; it is marked as edited. Raises markup.text.TooLong."""
    permissions.require(permissions.can_edit(by, answer), by, answer)
    answer.body, answer.body_html, answer.edited = body, text.render(body), timezone.now()
    answer.save(update_fields=["body", "body_html", "edited"])
    audit.record("community.edit_answer", by=by, target=answer)
    return answer


@transaction.atomic
def vote(*, by: Any, row: Question | Answer) -> bool:
    """Find an answer useful, or have the same question (which follows it too). False when that was so already."""
    permissions.require(permissions.can_vote(by, row), by, row)
    _vote, created = Vote.objects.get_or_create(user=by, **_voted(row))
    if created:
        _count(row, 1)
        audit.record("community.vote", by=by, target=row)
    if isinstance(row, Question):
        follow(by=by, key=row.key)
    return created


@transaction.atomic
def unvote(*, by: Any, row: Question | Answer) -> bool:
    """Take a vote back. False when there was none."""
    permissions.require(permissions.can_vote(by, row), by, row)
    deleted, _rows = Vote.objects.filter(user=by, **_voted(row)).delete()
    if deleted:
        _count(row, -1)
        audit.record("community.unvote", by=by, target=row)
    return bool(deleted)


@transaction.atomic
def accept(*, by: Any, answer: Answer) -> Question:
    """Say that this answer solved the question; it replaces an earlier accepted one, and its author is told."""
    permissions.require(permissions.can_accept(by, answer.question) and not answer.hidden, by, answer)
    question = _locked(answer.question)
    if question.accepted_answer_id != answer.pk:
        question.accepted_answer = answer
        _settle(question, last_activity=timezone.now())
        audit.record("community.accept", by=by, target=answer)
        notices.accepted(answer, by=by)
    return question


@transaction.atomic
def unaccept(*, by: Any, question: Question) -> Question:
    """Say that the question is not solved after all."""
    permissions.require(permissions.can_accept(by, question), by, question)
    question = _locked(question)
    if question.accepted_answer_id:
        audit.record("community.unaccept", by=by, target=question, answer=question.accepted_answer_id)
        question.accepted_answer = None
        _settle(question)
    return question


@transaction.atomic
def move(*, by: Any, question: Question, space: SpacePage) -> Question:
    """Move a question to another space. It never gets more readers by that, and what its asker chose stays: its own
    audience, or where the new space would open that further, the readers it has. Raises NobodyLeft when the two have
    no readers in common."""
    permissions.require(permissions.can_move(by, question) and space.live, by, question, space)
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
    audit.record("community.move", by=by, target=question, before=before, after=space.pk)
    return question


@transaction.atomic
def hide(*, by: Any, row: Question | Answer) -> None:
    """Withdraw what one wrote: it vanishes for everybody but its author and moderators."""
    permissions.require(permissions.can_withdraw(by, row), by, row)
    _set_hidden(row, by=by, hidden=True)
    audit.record("community.withdraw", by=by, target=row)


@transaction.atomic
def restore(*, by: Any, row: Question | Answer) -> None:
    """Show again what one withdrew."""
    permissions.require(permissions.can_unwithdraw(by, row), by, row)
    _set_hidden(row, by=None, hidden=False)
    audit.record("community.unwithdraw", by=by, target=row)


@transaction.atomic
def hide_flagged(*, by: Any, row: Question | Answer, reason: str) -> None:
    """Hide what somebody flagged, unseen if need be: a moderator holds no key of a closed space they are not in."""
    permissions.require(permissions.is_moderator(by), by)
    _set_hidden(row, by=by, hidden=True)
    audit.record("community.hide", by=by, target=row, reason=reason)


@transaction.atomic
def restore_flagged(*, by: Any, row: Question | Answer) -> None:
    """Show again what moderators hid."""
    permissions.require(permissions.is_moderator(by), by)
    _set_hidden(row, by=None, hidden=False)
    audit.record("community.restore", by=by, target=row)


def _voted(row: Question | Answer) -> dict[str, Any]:
    return {"question": row} if isinstance(row, Question) else {"answer": row}


def _count(row: Question | Answer, change: int) -> None:
    # Only whoever inserted or deleted the vote's row comes here, so the count follows the rows without a lock.
    type(row)._default_manager.filter(pk=row.pk).update(vote_count=F("vote_count") + change)
    row.refresh_from_db(fields=["vote_count"])
    enqueue_documents(*row.search_keys())


def _locked(question: Question) -> Question:
    # Answers, hiding and accepting all settle the question's state: one at a time.
    return Question.objects.select_for_update(of=("self",)).select_related("audience", "space").get(pk=question.pk)


def _settle(question: Question, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(question, name, value)
    question.settle_state()
    question.save(update_fields=["state", "answer_count", "accepted_answer", *changes])


def _set_hidden(row: Question | Answer, *, by: Any, hidden: bool) -> None:
    question = _locked(row.question if isinstance(row, Answer) else row)
    row.hidden, row.hidden_by = hidden, by
    row.save(update_fields=["hidden", "hidden_by"])
    if isinstance(row, Answer):
        _settle(question)
