"""From an exchange between people to a draft FAQ.

Packages to the right describe each kind of exchange they have ("conversation", "question"); the page
`kb:capture` (kind, pk) loads it. kb never reads the tables of chat or community.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from web.descriptions import Capturable
from web.http import Viewer
from web.packages import Package, composed, merged

if TYPE_CHECKING:
    from kb.models import TopicPage


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginValue:
    """Where an FAQ came from: a document key ("conversation:12"), its address, who asked, and who may see it."""

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
    """Something asked and answered, as its package sees it.

    `suggested_question` and `suggested_answer` are the texts that fill the draft; `question_turns` and `answer_turns`
    (indexes into `turns`) say which messages they came from. `names` are the names of people to look for in the text.
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
        """The messages ticked as question and as answer; unless given: what came before staff, what staff said."""
        staff = [n for n, turn in enumerate(self.turns) if turn.is_staff]
        before = range(staff[0] if staff else len(self.turns))
        return self.question_turns or frozenset(before), self.answer_turns or frozenset(staff)


@composed
def kinds(packages: tuple[Package, ...]) -> dict[str, Capturable]:
    """What can be captured, by kind."""
    return merged({each.kind: each} for package in packages for each in package.capturable)


def load(kind: str, viewer: Viewer, pk: int) -> Exchange | None:
    """The exchange, or None when there is none for this viewer."""
    capturable = kinds().get(kind)
    exchange: Exchange | None = capturable.load(viewer, pk) if capturable else None
    return exchange


def faq_form(by: Any, question: str, language: str) -> str:
    """Where `by` writes an FAQ that answers `question`; empty when they may not."""
    if not by.has_perm("kb.add_faq"):
        return ""
    return f"{reverse('wagtailsnippets_kb_faq:add')}?{urlencode({'locale': language, 'question': question})}"
