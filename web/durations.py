"""Durations in words."""

import math

from django.utils.translation import ngettext


def in_words(seconds: int) -> str:
    """Return a duration in words, rounded up: "20 seconds", "3 minutes", "2 hours"."""
    if seconds < 90:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
