"""What moderators may hide in the forum."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from community import actions
from community.models import Answer, Question
from markup.text import plain
from web.descriptions import Hideable

OPENING = 160  # characters of an answer in the moderators' list


def _hide(model: Any) -> Any:
    def hide(*, by: Person, pk: int, reason: str = "") -> None:
        actions.hide_flagged(by=by, row=model.objects.get(pk=pk), reason=reason)

    return hide


def _restore(model: Any) -> Any:
    def restore(*, by: Person, pk: int) -> None:
        actions.restore_flagged(by=by, row=model.objects.get(pk=pk))

    return restore


def _question_text(pk: int) -> str:
    row = Question.objects.filter(pk=pk).first()
    return f"{row.title}\n\n{plain(row.body)}" if row else ""


def _answer_text(pk: int) -> str:
    row = Answer.objects.filter(pk=pk).first()
    return plain(row.body) if row else ""


def _answer_is_visible(viewer: Person, pk: int) -> bool:
    return Answer.objects.visible_to(viewer).filter(pk=pk).exists()


def _question_titles(viewer: Person, pks: list[int]) -> dict[int, str]:
    return dict(Question.objects.readable_by(viewer, moderator=True).filter(pk__in=pks).values_list("pk", "title"))


def _answer_openings(viewer: Person, pks: list[int]) -> dict[int, str]:
    rows = Answer.objects.readable_by(viewer, moderator=True).filter(pk__in=pks).values_list("pk", "body")
    return {pk: Truncator(plain(body)).chars(OPENING) for pk, body in rows}


QUESTIONS = Hideable(
    kind="question",
    label=_("question"),
    hide=_hide(Question),
    restore=_restore(Question),
    titles=_question_titles,
    text=_question_text,
)
ANSWERS = Hideable(
    kind="answer",
    label=_("answer"),
    hide=_hide(Answer),
    restore=_restore(Answer),
    visible=_answer_is_visible,
    titles=_answer_openings,
    text=_answer_text,
)
