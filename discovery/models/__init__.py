"""The query log, its figures, gaps and search alerts."""

from discovery.models.alerts import FreshDocument, SearchAlert
from discovery.models.gaps import Gap
from discovery.models.log import Click, DayFigures, GoodQuery, LoggedSearch, Outcome, QueryFigures, ShareAlert
from discovery.models.progress import Progress

__all__ = [
    "Click",
    "DayFigures",
    "FreshDocument",
    "Gap",
    "GoodQuery",
    "LoggedSearch",
    "Outcome",
    "Progress",
    "QueryFigures",
    "SearchAlert",
    "ShareAlert",
]
