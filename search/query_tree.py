"""Query trees, in words that every engine can follow. Engines compile them; nobody parses query strings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document, with score 1."""


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with a term in a field, by BM25."""

    field: str
    term: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Documents with a term that begins so, with a constant score."""

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
    """At least `minimum` of the parts; scores add up."""

    parts: "tuple[Node, ...]"
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """Any part; the best score, plus `tie` times the others."""

    parts: "tuple[Node, ...]"
    tie: float = 0.0


@dataclass(frozen=True, slots=True)
class Boosted:
    """Documents that match `required`; `extra` adds to the score."""

    required: "Node"
    extra: "tuple[Node, ...]"


Node = Everything | Term | Prefix | Phrase | Sum | Best | Boosted
