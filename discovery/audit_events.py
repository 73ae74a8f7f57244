"""Labels of this package's audit events."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit_events import yes_no
from discovery.models import Gap
from web.descriptions import Audit, Detail

_EVENTS = {
    "search.synonym_created": _("Added synonyms"),
    "search.synonym_changed": _("Changed synonyms"),
    "search.synonym_deleted": _("Removed synonyms"),
    "search.protectedword_created": _("Protected a word"),
    "search.protectedword_changed": _("Changed a protected word"),
    "search.protectedword_deleted": _("Removed a protected word"),
    "search.bestbet_created": _("Recommended or demoted a page"),
    "search.bestbet_changed": _("Changed a recommendation"),
    "search.bestbet_deleted": _("Removed a recommendation"),
    "search.starter_added": _("Added the starter list of synonyms"),
    "search.starter_removed": _("Removed the starter list of synonyms"),
    "search.rebuild_asked": _("Asked for a rebuild of the index"),
    "search.failed_retried": _("Had failed documents tried again"),
    "search.gap_hidden": _("Set a gap aside"),
    "search.gap_reopened": _("Opened a gap again"),
}


def _reason(value: str) -> Any:
    return Gap.Reason(value).label if value in Gap.Reason.values else value


_DETAILS = {
    ("", "language"): Detail(label=_("language")),
    ("", "languages"): Detail(label=_("languages")),
    ("", "terms"): Detail(label=_("words")),
    ("", "to"): Detail(label=_("also finds")),
    ("", "active"): Detail(label=_("in use"), words=yes_no),
    ("", "word"): Detail(label=_("word")),
    ("", "kind"): Detail(),
    ("", "queries"): Detail(label=_("for")),
    ("", "document"): Detail(label=_("page"), keys=True),
    ("", "order"): Detail(label=_("place")),
    ("", "until"): Detail(label=_("until")),
    ("", "rows"): Detail(label=_("rows")),
    ("", "documents"): Detail(label=_("documents")),
    ("", "text"): Detail(label=_("search")),
    ("", "note"): Detail(label=_("note")),
    ("search.gap_hidden", "reason"): Detail(label=_("reason"), words=_reason),
}
AUDIT = Audit(events=_EVENTS, details=_DETAILS)
