"""What can be hidden. Packages to the right register their kinds in `AppConfig.ready()`:

register("answer", label=_("answer"), hide=actions.hide_answer, restore=actions.restore_answer, visible=…)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from search import sources
from web import params


@dataclass(frozen=True, slots=True, kw_only=True)
class Hideable:
    """One kind of rows that moderators can hide."""

    kind: str
    label: Any  # a translatable word for one of them: "answer"
    hide: Callable[..., Any]  # (by=person, pk=int, reason=str)
    restore: Callable[..., Any]  # (by=person, pk=int)
    visible: Callable[[Any, int], bool]  # (viewer, pk): may they see it, so that they may flag it
    titles: Callable[[Any, list[int]], dict[int, str]]  # (viewer, pks): a line of each that they may see
    text: Callable[[int], str]  # (pk): what is written there, whoever may see it; for judging a flag


_kinds: dict[str, Hideable] = {}


def register(
    kind: str,
    *,
    label: Any,
    hide: Callable[..., Any],
    restore: Callable[..., Any],
    visible: Callable[[Any, int], bool] | None = None,
    titles: Callable[[Any, list[int]], dict[int, str]] | None = None,
    text: Callable[[int], str] | None = None,
) -> None:
    """Make rows of a kind flaggable and hideable; keys are "<kind>:<pk>".

    `hide(by=, pk=, reason=)` and `restore(by=, pk=)` change the rows, in the caller's transaction; who may is checked
    here. `visible(viewer, pk)` is by default what the search source of the same kind says.
    `titles(viewer, pks)` gives moderators a line of each that is in their audience, hidden or not. `text(pk)` is what
    is written there, for judging a flag; "" when there is none.
    """
    _kinds[kind] = Hideable(
        kind=kind,
        label=label,
        hide=hide,
        restore=restore,
        visible=visible or _by_source(kind),
        titles=titles or (lambda _viewer, _pks: {}),
        text=text or (lambda _pk: ""),
    )


def unregister(kind: str) -> None:
    """Forget a kind (tests)."""
    _kinds.pop(kind, None)


def split(key: str) -> tuple[Hideable, int] | None:
    """The kind and pk of a key, or None when no such kind can be hidden."""
    kind, _colon, pk = key.partition(":")
    number = params.number(pk)
    # "7" and "07" are not two keys of one row.
    return (_kinds[kind], number) if kind in _kinds and number and pk == str(number) else None


def sees(viewer: Any, kind: Hideable, pk: int) -> bool:
    """Whether a moderator sees the row by their own audience, hidden or not."""
    return kind.visible(viewer, pk) or bool(kind.titles(viewer, [pk]))


def titles(viewer: Any, keys: Iterable[str]) -> dict[str, str]:
    """By key, a line of each row that the viewer may see; a few queries for each kind, however many keys."""
    pks: dict[str, list[int]] = {}
    for kind, pk in filter(None, map(split, keys)):
        pks.setdefault(kind.kind, []).append(pk)
    return {f"{kind}:{pk}": line for kind, of in pks.items() for pk, line in _kinds[kind].titles(viewer, of).items()}


def _by_source(kind: str) -> Callable[[Any, int], bool]:
    def visible(viewer: Any, pk: int) -> bool:
        source = sources.get(kind)
        return source is not None and source.visible_to(viewer).filter(pk=pk).exists()

    return visible
