"""What search stores."""

from search.models.curation import BestBet, Curation, ProtectedWord, Synonym
from search.models.indexing import Dirty, Findable, Rebuild

__all__ = ["BestBet", "Curation", "Dirty", "Findable", "ProtectedWord", "Rebuild", "Synonym"]
