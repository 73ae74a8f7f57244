"""The curators' list of gaps: how many people have each, what they did next, who waits, and what closed it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Max, QuerySet, Sum
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from accounts.models import User
from discovery import document_lookup
from discovery.models import DailyQueryFigures, Gap, SearchAlert
from search import sources
from search.sources import Document
from web.http import Viewer

State = Gap.State
# The counts of a row, and the fields of DailyQueryFigures that they are the sums of.
COUNTED = {
    "times": "gaps",
    "found_nothing": "gap_zero",
    "chats": "gap_chats",
    "questions": "gap_questions",
    "retried": "gap_retried",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A gap in the list with its counts."""

    gap_id: int
    text: str
    language: str
    people: int
    times: int
    found_nothing: int  # of those, without any hit
    chats: int  # what people did next
    questions: int
    retried: int
    last: date

    @property
    def left(self) -> int:
        """How many times people did nothing more."""
        return self.times - self.chats - self.questions - self.retried


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedGapRow(GapRow):
    """A row with everything that the page shows of it."""

    gap: Gap
    other_wordings: list[str]  # the most frequent first
    waiting: int  # people with a search alert for it
    before: int  # times in the period before
    answer: Document | None = None  # what answered it, if the viewer may see it
    answer_exists: bool = False
    answered_by: User | None = None  # its author or last publisher
    draft_url: str = ""  # a form for an FAQ that answers it

    @property
    def change(self) -> int:
        """How many times more than in the period before."""
        return self.times - self.before


def _days(language: str, **only: Any) -> "QuerySet[Any]":
    """Return the daily figures of gaps that were not closed since."""
    rows = DailyQueryFigures.objects.filter(gaps__gt=0, day__gte=F("gap__since"), **only)
    return rows.filter(language=language) if language else rows


def _of_several(rows: "QuerySet[Any]") -> "QuerySet[Any, dict[str, Any]]":
    """Sum daily figures by gap, as dictionaries; only gaps that settings.SEARCH_QUERY_PEOPLE people have.

    The wording of one or two people shows who missed something, and that a closed space has something to ask about.
    The wordings of one gap have nearly the same words, so they count together.
    """
    found = rows.order_by().values("gap_id", "gap__language", "gap__text").annotate(all_people=Sum("gap_people"))
    return found.filter(all_people__gte=settings.SEARCH_QUERY_PEOPLE)


def is_shown(gap: Gap) -> bool:
    """Return True if enough people have a gap for it to be shown to curators."""
    return _of_several(DailyQueryFigures.objects.filter(gap=gap, gaps__gt=0)).exists()


def gaps(first: date, last: date, language: str = "", *, state: str = State.OPEN, limit: int = 50) -> list[GapRow]:
    """Return the gaps in a state.

    Open ones are those of the period, those of most people first, then the most frequent. Others are of any time, the
    last one closed first.
    """
    rows = _days(language, gap__state=state, **({"day__range": (first, last)} if state == State.OPEN else {}))
    found = _of_several(rows).annotate(
        **{f"all_{name}": Sum(field) for name, field in COUNTED.items()}, last_day=Max("day")
    )
    if state == State.OPEN:
        order = ["-all_people", "-all_times", "gap__text"]
    else:
        found = found.annotate(closed=Max(f"gap__{state}"))
        order = ["-closed", "gap__text"]
    return [
        GapRow(
            gap_id=row["gap_id"],
            text=row["gap__text"],
            language=row["gap__language"],
            people=row["all_people"],
            last=row["last_day"],
            **{name: row[f"all_{name}"] for name in COUNTED},
        )
        for row in found.order_by(*order)[:limit]
    ]


def counts(first: date, last: date, language: str = "") -> dict[str, int]:
    """Return how many gaps `gaps` has in each state. A query for each."""
    period = {State.OPEN: {"day__range": (first, last)}}
    return {
        str(state): _of_several(_days(language, gap__state=state, **period.get(state, {}))).count() for state in State
    }


def add_details(rows: list[GapRow], first: date, last: date, viewer: Viewer, state: str) -> list[DetailedGapRow]:
    """Return rows of `gaps` with other wordings, people who wait, the trend, and what closed them.

    A constant number of queries.
    """
    wordings = _wordings(rows)
    waiting = _waiting(rows, wordings)
    before = _before(rows, first, last) if state == State.OPEN else {}
    models = Gap.objects.select_related("hidden_by").in_bulk([row.gap_id for row in rows])
    detailed = [
        DetailedGapRow(
            **{name: getattr(row, name) for name in GapRow.__dataclass_fields__},
            gap=models[row.gap_id],
            other_wordings=[text for text in wordings.get(row.gap_id, ()) if text != row.text],
            waiting=waiting.get(row.gap_id, 0),
            before=before.get(row.gap_id, 0),
        )
        for row in rows
    ]
    return _add_answers(detailed, viewer) if state == State.ANSWERED else detailed


def _add_answers(rows: list[DetailedGapRow], viewer: Viewer) -> list[DetailedGapRow]:
    keys = [row.gap.answer for row in rows if row.gap.answer]
    documents, existing = document_lookup.visible(keys, viewer), document_lookup.existing(keys)
    publishers = _publishers(documents)
    return [
        replace(
            row,
            answer=documents.get(row.gap.answer),
            answer_exists=row.gap.answer in existing,
            answered_by=publishers.get(row.gap.answer),
        )
        for row in rows
    ]


def _wordings(rows: list[GapRow]) -> dict[int, list[str]]:
    """Return the wordings of each gap, the most frequent first."""
    days = DailyQueryFigures.objects.filter(gap__in=[row.gap_id for row in rows]).order_by()
    found: dict[int, list[str]] = {}
    for gap, text, _n in days.values_list("gap", "text").annotate(n=Sum("gaps")).order_by("-n", "text"):
        found.setdefault(gap, []).append(text)
    return found


def _waiting(rows: list[GapRow], wordings: dict[int, list[str]]) -> dict[int, int]:
    """Return how many people have a search alert for any wording of each gap."""
    gap_of = {(row.language, text): row.gap_id for row in rows for text in wordings.get(row.gap_id, ())}
    alerts = SearchAlert.objects.waiting().filter(text__in={text for _language, text in gap_of}).order_by()
    people: dict[int, set[str]] = {}
    for language, text, owner, email in alerts.values_list("language", "text", "owner", "email"):
        if (language, text) in gap_of:
            people.setdefault(gap_of[language, text], set()).add(owner or email)
    return {gap: len(who) for gap, who in people.items()}


def _before(rows: list[GapRow], first: date, last: date) -> dict[int, int]:
    """Return how often each gap was searched for in the period before."""
    length = last - first + timedelta(days=1)
    days = _days("", gap__in=[row.gap_id for row in rows], day__range=(first - length, first - timedelta(days=1)))
    return dict(days.order_by().values_list("gap_id").annotate(n=Sum("gaps")))


def _publishers(keys: Iterable[str]) -> dict[str, Any]:
    """Return who wrote these documents, or published them last, as far as Wagtail's log knows.

    Three queries for each kind.
    """
    found: dict[str, Any] = {}
    for kind, pks in sources.by_kind(keys).items():
        source = sources.get(kind)
        if source is None:
            continue
        found |= {source.key(pk): author for pk, author in source.authors(pks).items()}
        rows: QuerySet[Any] = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(source.model), object_id__in=pks
        )
        name = "object_id"
        if issubclass(source.model, Page):
            rows, name = PageLogEntry.objects.filter(page__in=pks), "page_id"
        for row in rows.filter(action="wagtail.publish").select_related("user").order_by("timestamp", "pk"):
            found[source.key(getattr(row, name))] = row.user
    return found
