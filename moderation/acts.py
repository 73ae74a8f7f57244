"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "moderation.flagged": _("Flagged something"),
    "moderation.looked": _("Read something flagged that is not for them otherwise"),
    "moderation.hidden": _("Hid something that was flagged"),
    "moderation.restored": _("Restored something hidden"),
    "moderation.dismissed": _("Left something flagged as it was"),
}
