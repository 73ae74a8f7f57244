"""The models of search: outbox, rebuilds, vocabularies, vectors, synonyms and recommended pages."""

from search.models.curation import BestBet, Curation, ProtectedWord, StarterRow, Synonym
from search.models.indexing import Embedding, IndexVocabulary, Rebuild
from search.models.outbox import Findable, OutboxEntry

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
