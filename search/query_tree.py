"""Query trees, the same for every engine. Engines compile them to their own queries; nothing parses query strings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every document, with score 1."""


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with a term in a field, by BM25."""

    field: str
    term: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Documents with a term that begins with this prefix, with a constant score."""

    field: str
    prefix: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Documents with these terms near each other and in order."""

    field: str
    terms: tuple[str, ...]
    slop: int = 0
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Sum:
    """Documents that match at least `minimum` of the parts. Scores add up."""

    parts: "tuple[Node, ...]"
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class DisMax:
    """Documents that match any part, with the best score plus `tie` times the others."""

    parts: "tuple[Node, ...]"
    tie: float = 0.0


@dataclass(frozen=True, slots=True)
class Boosted:
    """Documents that match `required`. Matches of `extra` add to the score."""

    required: "Node"
    extra: "tuple[Node, ...]"


Node = MatchAll | Term | Prefix | Phrase | Sum | DisMax | Boosted
