"""Numbers as people read them."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from discovery.analytics import charts

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """0.253 → "25%"; a dash without observations."""
    return "–" if share is None else charts.percentage(share)


@register.filter
def place(value: float | None) -> str:
    """A place in a list with a decimal, in the reader's notation; a dash without observations."""
    return "–" if value is None else charts.number(value)


@register.filter
def day(moment: date) -> str:
    """A day without its year, in the reader's words and time zone."""
    return charts.day_of_month(timezone.localtime(moment) if isinstance(moment, datetime) else moment)


@register.filter
def size(value: int) -> int:
    """Without its sign."""
    return abs(value)


@register.filter
def opened(row: dict[str, Any]) -> float | None:
    """The share of searches with a click, of a row of discovery.analytics.metrics.queries."""
    return row["n_clicked"] / row["n_searches"] if row["n_searches"] else None
