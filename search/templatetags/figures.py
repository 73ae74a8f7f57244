"""Numbers as people read them."""

from typing import Any

from django import template
from django.utils import formats

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """0.253 → "25%"; a dash without observations."""
    return "–" if share is None else f"{round(100 * share)}%"


@register.filter
def mean(value: float | None) -> str:
    """Two decimals, in the reader's notation; a dash without observations."""
    return "–" if value is None else str(formats.number_format(value, 2))


@register.filter
def opened(row: dict[str, Any]) -> float | None:
    """The share of searches with a click, of a row of search.learning.metrics.queries."""
    return row["n_clicked"] / row["n_searches"] if row["n_searches"] else None
