"""Dates and names as people say them. Built in (settings), so no `{% load %}` is needed."""

import datetime

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def when(value: datetime.datetime | None) -> str:
    """A moment as people say it, in the reader's time zone: "yesterday, 14:05"; "" for nothing."""
    if not value:
        return ""
    moment, now = timezone.localtime(value), timezone.localtime()
    time = formats.date_format(moment, "H:i")
    days = (now.date() - moment.date()).days
    if days == 0 and datetime.timedelta() <= now - moment < datetime.timedelta(minutes=1):
        return _("just now")
    if days == 0:
        return _("today, %(time)s") % {"time": time}
    if days == 1:
        return _("yesterday, %(time)s") % {"time": time}
    if days == -1:
        return _("tomorrow, %(time)s") % {"time": time}
    if 1 < days < 7:
        return _("%(weekday)s, %(time)s") % {"weekday": formats.date_format(moment, "l"), "time": time}
    return formats.date_format(moment, "j F" if moment.year == now.year else "j F Y")


@register.filter
def exactly(value: datetime.datetime | None) -> str:
    """A moment in full, for the tooltip: "Tuesday 3 November 2026, 14:05"."""
    return formats.date_format(timezone.localtime(value), "l j F Y, H:i") if value else ""


@register.filter
def initials(value: object) -> str:
    """At most two letters for an avatar: "Ayla de Vries" → "AV"."""
    words = [word for word in str(value).split() if word[:1].isalnum()]
    return "".join(word[0].upper() for word in ([words[0], words[-1]] if len(words) > 1 else words[:1])) or "?"
