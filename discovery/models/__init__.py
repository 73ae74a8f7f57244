"""The query log, its figures, gaps and search alerts."""

from discovery.models.alerts import FreshDocument, SearchAlert
from discovery.models.gaps import Gap
from discovery.models.log import (
    Click,
    DailyFigures,
    DailyQueryFigures,
    LoggedSearch,
    Outcome,
    SuggestedQuery,
    ZeroResultAlert,
)
from discovery.models.progress import Progress

__all__ = [
    "Click",
    "DailyFigures",
    "FreshDocument",
    "Gap",
    "SuggestedQuery",
    "LoggedSearch",
    "Outcome",
    "Progress",
    "DailyQueryFigures",
    "SearchAlert",
    "ZeroResultAlert",
]
