"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Detail

ACTS = {"notifications.links_shown": _("Showed the links of a stored mail")}
DETAILS = {
    ("notifications.links_shown", "to"): Detail(label=_("to")),
    ("notifications.links_shown", "subject"): Detail(label=_("subject")),
}
