"""Compare search results before and after a curator's change that is not saved yet. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, Sum

from discovery.models import DailyQueryFigures
from search import query
from search.curation.snapshot import CurationSnapshot
from search.models.curation import folded
from search.results import Result
from web.http import Viewer

MOST_QUERIES = 8
MOST_PAST = 4  # of them from the query log
SEVERAL = 2  # searchers at least, counted by day
DEPTH = 10  # hits that are compared


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A hit in one of the two lists."""

    hit: Result
    place: int  # 1 is on top
    up: int = 0  # places, compared with the list before
    down: int = 0
    new: bool = False  # not among the hits before
    gone: bool = False  # not among the hits afterwards


@dataclass(frozen=True, slots=True)
class Comparison:
    """One query, before and after the change."""

    text: str
    before: list[PreviewLine]
    after: list[PreviewLine]
    total_before: int
    total_after: int

    @property
    def changes(self) -> bool:
        """True if the lists differ."""
        return self.total_before != self.total_after or [line.hit.key for line in self.before] != [
            line.hit.key for line in self.after
        ]


def samples(terms: Sequence[str]) -> list[str]:
    """Return queries that a change of these terms probably affects: the terms, and past queries that contain one.

    One statement.
    """
    own = list(dict.fromkeys(term for term in terms if folded(term)))
    holds = Q()
    for term in own:
        holds |= Q(text__icontains=term)
    past = DailyQueryFigures.objects.filter(holds).values("text").annotate(all_people=Sum("people"))
    past = past.filter(all_people__gte=SEVERAL).order_by("-all_people", "text")
    own_folded = {folded(term) for term in own}
    found = [text for text in past.values_list("text", flat=True)[:MOST_QUERIES] if folded(text) not in own_folded]
    found = found[:MOST_PAST] if own else []
    return [*own[: MOST_QUERIES - len(found)], *found]


def compare(
    texts: Sequence[str], *, viewer: Viewer, language: str, before: CurationSnapshot, after: CurationSnapshot
) -> list[Comparison]:
    """Compare the results of the first MOST_QUERIES texts."""
    return [_compare_one(text, viewer, language, before, after) for text in list(dict.fromkeys(texts))[:MOST_QUERIES]]


def _compare_one(
    text: str, viewer: Viewer, language: str, before: CurationSnapshot, after: CurationSnapshot
) -> Comparison:
    old, new = (
        query.search(text, viewer=viewer, language=language, size=DEPTH, facets=False, curation=each)
        for each in (before, after)
    )
    olds, news = _lines(old.hits), _lines(new.hits)
    was = {line.hit.key: line.place for line in olds}
    left = {line.hit.key for line in news}
    return Comparison(
        text,
        [replace(line, gone=line.hit.key not in left) for line in olds],
        [_moved(line, was.get(line.hit.key)) for line in news],
        old.total,
        new.total,
    )


def _lines(hits: Iterable[Result]) -> list[PreviewLine]:
    return [PreviewLine(hit, place) for place, hit in enumerate(hits, 1)]


def _moved(line: PreviewLine, was: int | None) -> PreviewLine:
    if was is None:
        return replace(line, new=True)
    return replace(line, up=max(was - line.place, 0), down=max(line.place - was, 0))
