"""The query log, its figures, gaps and search alerts."""

from discovery.models.alerts import FreshDocument, SearchAlert
from discovery.models.gaps import Gap
from discovery.models.log import Click, DayFigures, GoodQuery, LoggedSearch, Outcome, QueryFigures, ShareAlert

__all__ = [
    "Click",
    "DayFigures",
    "FreshDocument",
    "Gap",
    "GoodQuery",
    "LoggedSearch",
    "Outcome",
    "QueryFigures",
    "SearchAlert",
    "ShareAlert",
]
