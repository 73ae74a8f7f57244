"""How the order of results came about: what `search.retrieval.retrieve` returns for explanations and judgements."""

from dataclasses import dataclass, field

from search.curation.best_bets import NO_PLACEMENT, Placement
from search.engines.protocol import Hit
from search.query_tree import MatchAll, Node


@dataclass(frozen=True, slots=True)
class RankingTrace:
    """Both lists of hits, their weights, and the order that was made of them. Empty for pages that are not fused."""

    text: str = ""  # as it was ranked by
    language: str = ""  # the reader's
    tree: Node = field(default_factory=MatchAll)
    by_words: list[Hit] = field(default_factory=list)  # the best first, as far as they are fused, with merits
    by_meaning: list[Hit] = field(default_factory=list)
    placement: Placement = NO_PLACEMENT
    meaning: float = 0.0  # the weight of meaning against words
    order: list[tuple[str, float]] = field(default_factory=list)  # fused, as curators placed them
    stands_for: dict[str, str] = field(default_factory=dict)  # a shown key: the key of the translation that was ranked


NO_TRACE = RankingTrace()
