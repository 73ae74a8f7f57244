"""What search stores."""

from search.models.curation import BestBet, Curation, ProtectedWord, StarterRow, Synonym
from search.models.indexing import Embedding, Findable, IndexVocabulary, OutboxEntry, Rebuild

__all__ = [
    "BestBet",
    "Curation",
    "Embedding",
    "Findable",
    "IndexVocabulary",
    "OutboxEntry",
    "ProtectedWord",
    "Rebuild",
    "StarterRow",
    "Synonym",
]
