"""The audit events of this package, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from moderation.models import Flag
from web.descriptions import Audit, Detail

_EVENTS = {
    "moderation.flagged": _("Flagged something"),
    "moderation.looked": _("Read something flagged that they may not see otherwise"),
    "moderation.hidden": _("Hid something that was flagged"),
    "moderation.restored": _("Restored something hidden"),
    "moderation.dismissed": _("Left something as it was that was flagged"),
}


def _reason(value: str) -> Any:
    return Flag.Reason(value).label if value in Flag.Reason.values else value


_DETAILS = {
    ("moderation.flagged", "reason"): Detail(label=_("reason"), words=_reason),
    ("moderation.flagged", "flag"): Detail(),
    ("moderation.hidden", "reason"): Detail(label=_("reason"), words=_reason),
}
AUDIT = Audit(events=_EVENTS, details=_DETAILS)
