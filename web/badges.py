"""Badges: a word with a picture that says how something stands. Each is defined here once.

A row or document has a badge when its field of that name is true: `badges_of`.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says. Templates may replace the word: `{% include "includes/_badge.html" with kind=… text=… %}`."""

    label: Any
    icon: str  # of heroicons, 16 pixels
    tone: str  # its colours: `.vb-badge-<tone>` in components.css


BADGES = {
    "verified": Badge(_("Checked"), "check-badge", "verified"),
    "solved": Badge(_("Solved"), "check", "solved"),
    "waiting": Badge(_("Waiting"), "clock", "waiting"),
    "refused": Badge(_("Refused"), "x-mark", "refused"),
}


def badges_of(row: Any) -> list[str]:
    """Return the names of the badges of which a row has a field that is true, in the order of BADGES."""
    return [name for name in BADGES if getattr(row, name, False) is True]
