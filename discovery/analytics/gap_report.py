"""The curators' list of gaps: who missed what, how it goes on, who waits, and what became of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Max, QuerySet, Sum
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from discovery.curation import document_picker
from discovery.models import Gap, QueryFigures, SearchAlert
from search import sources
from web.http import Viewer

State = Gap.State
COUNTED = ("gaps", "gap_zero", "gap_chats", "gap_questions", "gap_retried")


def _days(language: str, **only: Any) -> "QuerySet[Any]":
    """Days with a gap that are not settled."""
    rows = QueryFigures.objects.filter(gaps__gt=0, day__gte=F("gap__since"), **only)
    return rows.filter(language=language) if language else rows


def _of_several(rows: "QuerySet[Any]") -> "QuerySet[Any, dict[str, Any]]":
    """The gaps of days, as dictionaries: those that enough people have. The wording of one or two says who missed what,
    and that there is something to ask about in a closed place. All wordings of a gap are nearly the same words."""
    found = rows.order_by().values("gap_id", "gap__language", "gap__text").annotate(n_gap_people=Sum("gap_people"))
    return found.filter(n_gap_people__gte=settings.SEARCH_QUERY_PEOPLE)


def is_shown(gap: Gap) -> bool:
    """Whether a gap is one of those that enough people have."""
    return _of_several(QueryFigures.objects.filter(gap=gap, gaps__gt=0)).exists()


def gaps(
    first: date, last: date, language: str = "", *, state: str = State.OPEN, limit: int = 50
) -> list[dict[str, Any]]:
    """Gaps in a state. Open ones: of the period, by how many people first, then by how often. Others: since they were
    first asked, what was settled last first."""
    rows = _days(language, gap__state=state, **({"day__range": (first, last)} if state == State.OPEN else {}))
    found = _of_several(rows).annotate(**{f"n_{name}": Sum(name) for name in COUNTED}, last=Max("day"))
    if state == State.OPEN:
        order = ["-n_gap_people", "-n_gaps", "gap__text"]
    else:
        found = found.annotate(settled=Max(f"gap__{state}"))
        order = ["-settled", "gap__text"]
    return [
        row | {"text": row["gap__text"], "language": row["gap__language"]} for row in found.order_by(*order)[:limit]
    ]


def counts(first: date, last: date, language: str = "") -> dict[str, int]:
    """How many gaps `gaps` has in each state. A query each."""
    period = {State.OPEN: {"day__range": (first, last)}}
    return {
        str(state): _of_several(_days(language, gap__state=state, **period.get(state, {}))).count() for state in State
    }


def tell(rows: list[dict[str, Any]], first: date, last: date, viewer: Viewer, state: str) -> None:
    """Complete rows of `gaps`: the other wordings, people who wait, the trend, what they did next, and what a settled
    one was settled by. A constant number of queries."""
    wordings = _wordings(rows)
    waiting = _waiting(rows, wordings)
    before = _before(rows, first, last) if state == State.OPEN else {}
    settled = Gap.objects.select_related("hidden_by").in_bulk([row["gap_id"] for row in rows])
    for row in rows:
        row["also"] = [text for text in wordings.get(row["gap_id"], ()) if text != row["text"]]
        row["waiting"] = waiting.get(row["gap_id"], 0)
        row["before"] = before.get(row["gap_id"], 0)
        row["change"] = row["n_gaps"] - row["before"]
        row["n_left"] = row["n_gaps"] - row["n_gap_chats"] - row["n_gap_questions"] - row["n_gap_retried"]
        row["gap"] = settled[row["gap_id"]]
    if state == State.ANSWERED:
        keys = [row["gap"].answer for row in rows if row["gap"].answer]
        shown, there = document_picker.documents(keys, viewer), document_picker.existing(keys)
        publishers = _publishers(shown)
        for row in rows:
            row["by"] = publishers.get(row["gap"].answer)
            row["answer"] = shown.get(row["gap"].answer)
            row["there"] = row["gap"].answer in there


def _wordings(rows: list[dict[str, Any]]) -> dict[int, list[str]]:
    """In which words each was asked in vain, the most asked first."""
    days = QueryFigures.objects.filter(gap__in=[row["gap_id"] for row in rows]).order_by()
    found: dict[int, list[str]] = {}
    for gap, text, _n in days.values_list("gap", "text").annotate(n=Sum("gaps")).order_by("-n", "text"):
        found.setdefault(gap, []).append(text)
    return found


def _waiting(rows: list[dict[str, Any]], wordings: dict[int, list[str]]) -> dict[int, int]:
    """How many people wait to be told, in whichever of its wordings they asked."""
    gap_of = {(row["language"], text): row["gap_id"] for row in rows for text in wordings.get(row["gap_id"], ())}
    wishes = SearchAlert.objects.waiting().filter(text__in={text for _language, text in gap_of}).order_by()
    people: dict[int, set[str]] = {}
    for language, text, owner, email in wishes.values_list("language", "text", "owner", "email"):
        if (language, text) in gap_of:
            people.setdefault(gap_of[language, text], set()).add(owner or email)
    return {gap: len(who) for gap, who in people.items()}


def _before(rows: list[dict[str, Any]], first: date, last: date) -> dict[int, int]:
    """How often each was asked in vain in the period before."""
    length = last - first + timedelta(days=1)
    days = _days("", gap__in=[row["gap_id"] for row in rows], day__range=(first - length, first - timedelta(days=1)))
    return dict(days.order_by().values_list("gap_id").annotate(n=Sum("gaps")))


def _publishers(keys: Iterable[str]) -> dict[str, Any]:
    """Who answered, or published these documents last, as far as Wagtail's log knows; three queries a kind."""
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
