"""The audit events of this package, in words."""

from django.utils.translation import gettext_lazy as _

from web.descriptions import Audit, Detail

_EVENTS = {"notifications.links_shown": _("Showed the links of a stored mail")}
_DETAILS = {
    ("notifications.links_shown", "to"): Detail(label=_("to")),
    ("notifications.links_shown", "subject"): Detail(label=_("subject")),
}
AUDIT = Audit(events=_EVENTS, details=_DETAILS)
