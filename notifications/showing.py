"""Which rows a text speaks of, and who may see them now: asked again whenever a text is shown or sent.

Every findable kind is known by its search source. Packages describe others (`Package.mentioned`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from search import sources
from web.http import Viewer
from web.packages import Package, composed, merged
from web.params import number

Rows = Callable[[Any], QuerySet[Any]]


@composed
def kinds(packages: tuple[Package, ...]) -> dict[str, Rows]:
    """The rows that a viewer may see, of every kind that a text can speak of."""
    findable: dict[str, Rows] = {source.kind: source.visible_to for source in sources.all()}
    return merged([findable, *(package.mentioned for package in packages)])


def split(key: str) -> tuple[str, int]:
    """Kind and pk of a key. Raises ValueError when it names no row of a known kind."""
    kind, _colon, pk = key.partition(":")
    row = number(pk)
    if kind not in kinds() or row is None:
        raise ValueError(f"not a row that is looked at again: {key!r}")
    return kind, row


def lost(viewer: Viewer) -> Q:
    """The condition on subjects (`kind`, `row`) that the viewer may not see, or that are gone."""
    known = kinds()
    condition = ~Q(kind__in=list(known))
    for kind, rows in known.items():
        condition |= Q(~Exists(rows(viewer).order_by().filter(pk=OuterRef("row"))), kind=kind)
    return condition


def sees_all(viewer: Viewer, keys: Iterable[str]) -> bool:
    """Whether the viewer may see every row of the keys now. One query for each kind."""
    wanted: dict[str, set[int]] = {}
    try:
        for kind, pk in map(split, keys):
            wanted.setdefault(kind, set()).add(pk)
    except ValueError:
        return False
    known = kinds()
    return all(
        set(known[kind](viewer).order_by().filter(pk__in=pks).values_list("pk", flat=True)) >= pks
        for kind, pks in wanted.items()
    )
