"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "community.ask": _("Asked a question"),
    "community.answer": _("Answered a question"),
    "community.edit_question": _("Changed a question"),
    "community.edit_answer": _("Changed an answer"),
    "community.vote": _("Voted"),
    "community.unvote": _("Took a vote back"),
    "community.accept": _("Accepted an answer"),
    "community.unaccept": _("No longer accepts an answer"),
    "community.move": _("Moved a question"),
    "community.withdraw": _("Withdrew a post"),
    "community.unwithdraw": _("Put a withdrawn post back"),
    "community.hide": _("Hid a post"),
    "community.restore": _("Showed a hidden post again"),
}
