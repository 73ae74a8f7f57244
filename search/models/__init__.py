"""What search stores."""

from search.models.curation import BestBet, Curation, ProtectedWord, Synonym
from search.models.indexing import Dirty, Embedding, Findable, IndexVocabulary, Rebuild

__all__ = [
    "BestBet",
    "Curation",
    "Dirty",
    "Embedding",
    "Findable",
    "IndexVocabulary",
    "ProtectedWord",
    "Rebuild",
    "Synonym",
]
