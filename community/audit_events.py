"""Labels of this package's audit events."""

from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from community.models import Answer, CommunityIndexPage, SpacePage
from kb.audit_events import page_target
from web.descriptions import Audit, AuditTarget, Detail

_EVENTS = {
    "community.ask": _("Asked a question"),
    "community.answer": _("Answered a question"),
    "community.edit_question": _("Changed a question"),
    "community.edit_answer": _("Changed an answer"),
    "community.vote": _("Voted"),
    "community.unvote": _("Took a vote back"),
    "community.accept": _("Accepted an answer"),
    "community.unaccept": _("Unmarked an accepted answer"),
    "community.move": _("Moved a question"),
    "community.withdraw": _("Withdrew a post"),
    "community.unwithdraw": _("Restored a withdrawn post"),
    "community.hide": _("Hid a post"),
    "community.restore": _("Showed a hidden post again"),
}
_DETAILS = {
    ("community.unaccept", "answer"): Detail(),
    ("community.move", "before"): Detail(label=_("before"), model="community.spacepage"),
    ("community.move", "after"): Detail(label=_("now"), model="community.spacepage"),
    ("community.hide", "reason"): Detail(label=_("reason")),
}


def _answers(viewer: Person, pks: list[int]) -> dict[int, tuple[str, str]]:
    """Return titles and addresses of answers for the audit log: those of their questions."""
    rows = Answer.objects.visible_to(viewer).filter(pk__in=pks).select_related("question")
    return {row.pk: (row.question.title, row.question.get_absolute_url()) for row in rows}


_TARGETS = (
    AuditTarget(model="community.answer", titles=_answers, kind="answer"),
    page_target(CommunityIndexPage),
    page_target(SpacePage),
)
AUDIT = Audit(events=_EVENTS, details=_DETAILS, targets=_TARGETS)
