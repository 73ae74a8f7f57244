"""Drafting, publishing and judging FAQs."""

from collections.abc import Iterable
from typing import Any

from kb.capture import OriginValue
from kb.models import Faq, TopicPage


def draft_faq(
    *,
    by: Any,
    question: str,
    answer: str,
    topic: TopicPage,
    language: str,
    origins: Iterable[OriginValue],
    audience: Iterable[str],
) -> Faq:
    """A draft FAQ in the curators' queue; the one call for chat, community and cases.

    `language` is "nl" or "en", `audience` a set of audience keys. Raises PermissionDenied without kb.draft_faq,
    and kb.capture.PersonalDataLeft while personal data is neither replaced nor kept on purpose.
    """
    raise NotImplementedError


def after_publish(*, by: Any, faq: Faq) -> None:
    """Record that an FAQ was published and tell those who asked."""
