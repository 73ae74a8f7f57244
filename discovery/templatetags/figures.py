"""Format figures for people."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from discovery.analytics import charts

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """Format a share: 0.253 → "25%"; a dash without observations."""
    return "–" if share is None else charts.percentage(share)


@register.filter
def place(value: float | None) -> str:
    """Format a place in a list with a decimal, in the reader's notation; a dash without observations."""
    return "–" if value is None else charts.number(value)


@register.filter
def day(moment: date) -> str:
    """Format a day without its year, in the reader's language and time zone."""
    return charts.day_of_month(timezone.localtime(moment) if isinstance(moment, datetime) else moment)


@register.filter
def size(value: int) -> int:
    """Return a number without its sign."""
    return abs(value)
