"""Rows of the query log, for tests."""

import uuid
from datetime import date, datetime
from typing import Any

from discovery.analytics import pseudonym
from discovery.models import Click, LoggedSearch


def logged(text: str, *, who: str = "a", day: date | None = None, key: str = "", rank: int = 1, **values: Any) -> Any:
    """Create a logged search, with a click on `key` if one is given."""
    day = day or pseudonym.now().date()
    row = LoggedSearch.objects.create(
        id=uuid.uuid4(),
        text=text,
        day=day,
        hour=12,
        at=datetime(day.year, day.month, day.day, 12, tzinfo=pseudonym.now().tzinfo),
        searcher=who,
        **{"language": "nl", "hits": 3, "clicked_rank": rank if key else None} | values,
    )
    if key:
        Click.objects.create(search=row, key=key, rank=rank)
    return row
