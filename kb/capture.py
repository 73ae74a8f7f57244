"""Exchanges between people that an FAQ can be made of.

Packages to the right describe each kind of exchange they have ("conversation", "question"). The page `kb:capture`
(kind, pk) loads the exchange. kb never reads the tables of chat or community.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from accounts.audiences import Person
from web.descriptions import Capturable
from web.packages import Package, composed, merged

if TYPE_CHECKING:
    from kb.models import TopicPage


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginValue:
    """The origin of an FAQ: a document key ("conversation:12"), its address, the asker, and who may see it."""

    key: str
    url: str
    asker_id: int | None = None
    audience_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of an exchange; `text` is Markdown."""

    author_label: str
    is_staff: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question with its answers, given as values by the package that has them.

    `suggested_question` and `suggested_answer` fill the draft; `question_turns` and `answer_turns` (indexes into
    `turns`) are the messages they came from. `names` are names of people to look for in the text.
    """

    turns: list[Turn]
    suggested_question: str
    suggested_answer: str
    language: str
    origin: OriginValue
    topic: "TopicPage | None" = None
    audience: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    question_turns: frozenset[int] = field(default_factory=frozenset)
    answer_turns: frozenset[int] = field(default_factory=frozenset)

    @property
    def ticked(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the messages ticked as question and as answer. By default these are the ones before the first of
        staff, and the ones of staff."""
        staff = [n for n, turn in enumerate(self.turns) if turn.is_staff]
        before = range(staff[0] if staff else len(self.turns))
        return self.question_turns or frozenset(before), self.answer_turns or frozenset(staff)


@composed
def kinds(packages: tuple[Package, ...]) -> dict[str, Capturable]:
    """Return what can be captured, by kind."""
    return merged({each.kind: each} for package in packages for each in package.capturable)


def load(kind: str, viewer: Person, pk: int) -> Exchange | None:
    """Return the exchange, or None if there is none for this viewer."""
    capturable = kinds().get(kind)
    exchange: Exchange | None = capturable.load(viewer, pk) if capturable else None
    return exchange


def faq_form(by: Person, question: str, language: str) -> str:
    """Return the address where `by` writes an FAQ that answers `question`, "" if they may not."""
    if not by.has_perm("kb.add_faq"):
        return ""
    return f"{reverse('wagtailsnippets_kb_faq:add')}?{urlencode({'locale': language, 'question': question})}"
