"""What a question's page shows: the question, its answers, and what the viewer may do with each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.audiences import Person
from community import permissions
from community.models import Answer, FaqNote, Question, SpacePage, Vote
from community.views.pages import is_following
from kb.models import Faq


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A question or an answer (`row`) on a page. `points` are its author's; `may_…` is what the viewer may do."""

    row: Question | Answer
    is_question: bool
    accepted: bool
    voted: bool
    points: int
    may_vote: bool
    may_edit: bool
    may_hide: bool
    may_restore: bool
    may_flag: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A question with its answers, and what the viewer may do with it."""

    question: Post
    answers: list[Post]
    space: SpacePage
    notes: QuerySet[FaqNote]
    following: bool
    may_answer: bool
    may_accept: bool
    may_capture: bool
    may_move: bool


def thread(question: Question, viewer: Person) -> Thread:
    """Return a question with the answers that this viewer may read."""
    answers = question.answers_for(viewer, moderator=permissions.is_moderator(viewer))
    first, *others = posts([question, *answers], viewer)
    notes = FaqNote.objects.filter(question=question, faq__in=Faq.objects.visible_to(viewer))
    return Thread(
        question=first,
        answers=others,
        space=question.space.in_active_language(),
        notes=notes.select_related("faq__locale"),
        following=is_following(viewer, question.key),
        may_answer=permissions.can_answer(viewer, question),
        may_accept=permissions.can_accept(viewer, question),
        may_capture=permissions.can_capture(viewer, question),
        may_move=permissions.can_move(viewer, question) and not question.hidden,
    )


def posts(rows: Sequence[Question | Answer], viewer: Person) -> list[Post]:
    """Return the rows with what the page shows of each. Two queries.

    Points count only answers that the viewer may read: a larger number would reveal closed spaces.
    """
    voted = _voted(rows, viewer)
    points = Answer.objects.visible_to(viewer).points({row.author_id for row in rows if row.author_id})
    return [
        Post(
            row=row,
            is_question=isinstance(row, Question),
            accepted=isinstance(row, Answer) and row.pk == row.question.accepted_answer_id,
            voted=row.key in voted,
            points=points.get(row.author_id or 0, 0),
            may_vote=permissions.can_vote(viewer, row),
            may_edit=permissions.can_edit(viewer, row),
            may_hide=permissions.can_hide(viewer, row),
            may_restore=permissions.can_restore(viewer, row),
            may_flag=permissions.can_flag(viewer, row),
        )
        for row in rows
    ]


def _voted(rows: Sequence[Question | Answer], viewer: Person) -> set[str]:
    """Return the keys of the rows that the person voted for."""
    if not viewer.user.is_authenticated:
        return set()
    questions = [row.pk for row in rows if isinstance(row, Question)]
    answers = [row.pk for row in rows if isinstance(row, Answer)]
    found = Vote.objects.filter(Q(question__in=questions) | Q(answer__in=answers), user=viewer.user)
    pairs = found.values_list("question_id", "answer_id")
    return {f"question:{question}" if question else f"answer:{answer}" for question, answer in pairs}
