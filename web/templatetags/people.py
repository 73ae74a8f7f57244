"""Template filters for dates and names as people say them. Built in (settings), so no `{% load %}` is needed."""

import datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def when(value: datetime.datetime | None) -> str:
    """Return a moment as people say it, in the reader's time zone: "yesterday, 14:05"; "" for None."""
    return _when(timezone.localtime(value)) if value else ""


@register.filter
def exactly(value: datetime.datetime | None) -> str:
    """Return a moment in full, for the tooltip: "Tuesday 3 November 2026, 14:05"."""
    return _exactly(timezone.localtime(value)) if value else ""


@register.simple_tag
def second(value: datetime.datetime) -> str:
    """Return `<time>` for a moment in full, to the second: "3 November 2026, 14:05:59"."""
    local = timezone.localtime(value)
    _weekday, day = _named(local.date(), get_language())
    exact = f"{day} {local.year}, {local:%H:%M:%S}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), exact)


@register.simple_tag
def moment(value: datetime.datetime | None) -> str:
    """Return `<time>` for a moment: `when`, with `exactly` as its tooltip; "" for None."""
    if not value:
        return ""
    local = timezone.localtime(value)
    html = '<time datetime="{}" title="{}">{}</time>'
    return format_html(html, local.isoformat(), _exactly(local), _when(local))


# Formatted here, since Django's date formats take ten times as long and a list has a moment in every row.
def _when(local: datetime.datetime) -> str:
    now = timezone.now().astimezone(local.tzinfo)
    time = f"{local:%H:%M}"
    days = (now.date() - local.date()).days
    if days == 0 and datetime.timedelta() <= now - local < datetime.timedelta(minutes=1):
        return _("just now")
    if days == 0:
        return _("today, %(time)s") % {"time": time}
    if days == 1:
        return _("yesterday, %(time)s") % {"time": time}
    if days == -1:
        return _("tomorrow, %(time)s") % {"time": time}
    weekday, day = _named(local.date(), get_language())
    if 1 < days < 7:
        return _("%(weekday)s, %(time)s") % {"weekday": weekday, "time": time}
    return day if local.year == now.year else f"{day} {local.year}"


def _exactly(local: datetime.datetime) -> str:
    weekday, day = _named(local.date(), get_language())
    return f"{weekday} {day} {local.year}, {local:%H:%M}"


@lru_cache(maxsize=1000)
def _named(date: datetime.date, _language: str | None) -> tuple[str, str]:
    """Return weekday and day of the month in the active language: "Tuesday", "3 November"."""
    return str(WEEKDAYS[date.weekday()]), f"{date.day} {MONTHS[date.month]}"


@register.filter
def initials(value: object) -> str:
    """Return at most two letters for an avatar: "Ayla de Vries" → "AV"."""
    words = [word for word in str(value).split() if word[:1].isalnum()]
    return "".join(word[0].upper() for word in ([words[0], words[-1]] if len(words) > 1 else words[:1])) or "?"
