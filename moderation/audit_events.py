"""What the record of acts calls what is done here."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.registry import Detail
from moderation.models import Flag

ACTS = {
    "moderation.flagged": _("Flagged something"),
    "moderation.looked": _("Read something flagged that they may not see otherwise"),
    "moderation.hidden": _("Hid something that was flagged"),
    "moderation.restored": _("Restored something hidden"),
    "moderation.dismissed": _("Left something as it was that was flagged"),
}


def _reason(value: str) -> Any:
    return Flag.Reason(value).label if value in Flag.Reason.values else value


DETAILS = {
    ("moderation.flagged", "reason"): Detail(label=_("reason"), words=_reason),
    ("moderation.flagged", "flag"): Detail(),
    ("moderation.hidden", "reason"): Detail(label=_("reason"), words=_reason),
}
