"""The audit events of this package, in words."""

from django.utils.translation import gettext_lazy as _

from web.descriptions import Audit, Detail

_EVENTS = {
    "chat.started": _("Started a chat"),
    "chat.taken": _("Took a chat"),
    "chat.released": _("Gave a chat back to the queue"),
    "chat.transferred": _("Passed a chat on"),
    "chat.closed": _("Closed a chat"),
    "chat.reopened": _("Reopened a chat"),
    "chat.email_left": _("Left an address for the answer"),
    "chat.email_confirmed": _("Showed that the address for the answer is theirs"),
    "chat.joined_by_link": _("Came back to a chat by its link"),
    "chat.handed_over": _("Took along a visitor's chat when signing in"),
}
_BY_NOBODY = dict.fromkeys(_EVENTS, _("A visitor"))
_DETAILS = {
    ("chat.started", "team"): Detail(label=_("team"), model="accounts.team"),
    ("chat.transferred", "team"): Detail(label=_("now"), model="accounts.team"),
    ("chat.transferred", "before"): Detail(label=_("before"), model="accounts.team"),
}
AUDIT = Audit(events=_EVENTS, details=_DETAILS, by_nobody=_BY_NOBODY)
