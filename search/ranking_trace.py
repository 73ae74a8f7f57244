"""What a search leaves behind when somebody asks why its results stand as they do."""

from dataclasses import dataclass, field, fields

from search.curation.best_bets import NOWHERE, Placed
from search.engines import Hit
from search.query_tree import Everything, Node


@dataclass(slots=True)
class Trace:
    """Filled in by `search.retrieval.find`."""

    text: str = ""  # as it was ranked by
    language: str = ""
    tree: Node = field(default_factory=Everything)
    by_words: list[Hit] = field(default_factory=list)  # the best first, as far as they are fused, with merits
    by_meaning: list[Hit] = field(default_factory=list)
    placed: Placed = NOWHERE
    meaning: float = 0.0  # what meaning counts for, against words
    order: list[tuple[str, float]] = field(default_factory=list)  # fused, as curators placed them
    stands_for: dict[str, str] = field(default_factory=dict)  # keys, by that of the translation in their place

    def become(self, other: "Trace") -> None:
        """Take over what another search left."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))
