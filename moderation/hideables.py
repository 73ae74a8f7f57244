"""What can be hidden, as packages describe it (`Package.hideable`)."""

from collections.abc import Iterable
from typing import Any

from search import sources
from web import params
from web.descriptions import Hideable
from web.packages import Package, composed, merged


@composed
def kinds(packages: tuple[Package, ...]) -> dict[str, Hideable]:
    """What can be hidden, by kind."""
    return merged({hideable.kind: hideable} for package in packages for hideable in package.hideable)


def split(key: str) -> tuple[Hideable, int] | None:
    """The kind and pk of a key, or None when no such kind can be hidden."""
    name, _colon, pk = key.partition(":")
    kind, number = kinds().get(name), params.number(pk)
    # "7" and "07" are not two keys of one row.
    return (kind, number) if kind and number and pk == str(number) else None


def may_see(viewer: Any, kind: Hideable, pk: int) -> bool:
    """True if the row is visible to the viewer now: not hidden, and in their audience."""
    if kind.visible:
        return kind.visible(viewer, pk)
    source = sources.get(kind.kind)
    return source is not None and source.visible_to(viewer).filter(pk=pk).exists()


def sees(viewer: Any, kind: Hideable, pk: int) -> bool:
    """Whether a moderator sees the row by their own audience, hidden or not."""
    return may_see(viewer, kind, pk) or bool(kind.titles(viewer, [pk]))


def titles(viewer: Any, keys: Iterable[str]) -> dict[str, str]:
    """By key, a line of each row that the viewer may see; a few queries for each kind, however many keys."""
    pks: dict[str, list[int]] = {}
    for kind, pk in filter(None, map(split, keys)):
        pks.setdefault(kind.kind, []).append(pk)
    return {f"{kind}:{pk}": line for kind, of in pks.items() for pk, line in kinds()[kind].titles(viewer, of).items()}
