"""What moderation may hide here."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from community import actions
from community.models import Answer, Question
from moderation import registry


def register() -> None:
    """Make questions and answers flaggable and hideable."""
    registry.register("question", label=_("question"), hide=_hide(Question), restore=_restore(Question))
    registry.register(
        "answer", label=_("answer"), hide=_hide(Answer), restore=_restore(Answer), visible=_answer_is_visible
    )


def _hide(model: Any) -> Any:
    def hide(*, by: Any, pk: int, reason: str = "") -> None:
        actions.hide_flagged(by=by, row=model.objects.get(pk=pk), reason=reason)

    return hide


def _restore(model: Any) -> Any:
    def restore(*, by: Any, pk: int) -> None:
        actions.restore_flagged(by=by, row=model.objects.get(pk=pk))

    return restore


def _answer_is_visible(viewer: Any, pk: int) -> bool:
    return Answer.objects.visible_to(viewer).filter(pk=pk).exists()
