"""What search stores."""

from search.models.curation import BestBet, Curation, ProtectedWord, StarterRow, Synonym
from search.models.gaps import Gap
from search.models.indexing import Dirty, Embedding, Findable, IndexVocabulary, Rebuild
from search.models.log import Click, DayFigures, GoodQuery, LoggedSearch, Outcome, QueryFigures, ShareAlert
from search.models.wishes import Fresh, Wish

__all__ = [
    "BestBet",
    "Click",
    "Curation",
    "DayFigures",
    "Dirty",
    "Embedding",
    "Findable",
    "Fresh",
    "Gap",
    "GoodQuery",
    "IndexVocabulary",
    "LoggedSearch",
    "Outcome",
    "ProtectedWord",
    "QueryFigures",
    "Rebuild",
    "ShareAlert",
    "StarterRow",
    "Synonym",
    "Wish",
]
