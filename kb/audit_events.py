"""Labels of this package's audit events."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from kb.addresses import path_url
from kb.models import HomePage, TopicPage
from web.descriptions import Audit, AuditTarget, Detail

_EVENTS = {
    "kb.draft_faq": _("Drafted an FAQ"),
    "kb.link_faq": _("Linked an exchange to an FAQ"),
    "kb.publish_faq": _("Published an FAQ"),
    "kb.unpublish_faq": _("Unpublished an FAQ"),
    "kb.delete_faq": _("Deleted an FAQ"),
    "kb.publish_page": _("Published a page"),
    "kb.unpublish_page": _("Unpublished a page"),
    "kb.move_page": _("Moved a page"),
    "kb.delete_page": _("Deleted a page"),
    "kb.import_faqs": _("Imported FAQs"),
}
_DETAILS = {
    ("kb.draft_faq", "origins"): Detail(label=_("made of"), keys=True),
    ("kb.draft_faq", "kept"): Detail(label=_("personal data kept on purpose")),
    ("kb.link_faq", "origin"): Detail(label=_("exchange"), keys=True),
    ("kb.publish_faq", "audience"): Detail(label=_("for"), audience=True),
    ("kb.publish_page", "audience"): Detail(label=_("for"), audience=True),
    ("kb.move_page", "before"): Detail(label=_("from"), keys=True),
    ("kb.move_page", "below"): Detail(label=_("now below"), keys=True),
    ("kb.import_faqs", "audience"): Detail(label=_("for"), audience=True),
    ("kb.import_faqs", "created"): Detail(label=_("new")),
    ("kb.import_faqs", "changed"): Detail(label=_("changed")),
    ("kb.import_faqs", "unchanged"): Detail(label=_("unchanged")),
    ("kb.unpublish_page", "source"): Detail(label=_("with its source"), keys=True),
    ("kb.import_faqs", "rejected"): Detail(label=_("refused")),
}


def page_target(model: Any) -> AuditTarget:
    """Return how pages of a model are named in the audit log, to viewers who may see them."""

    def titles(viewer: Person, pks: list[int]) -> dict[int, tuple[str, str]]:
        rows = model.objects.visible_to(viewer).filter(pk__in=pks)
        found = rows.values_list("pk", "title", "url_path", "locale__language_code")
        return {pk: (title, path_url(path, code)) for pk, title, path, code in found}

    return AuditTarget(model=model._meta.label_lower, titles=titles)


_TARGETS = (page_target(HomePage), page_target(TopicPage))
AUDIT = Audit(events=_EVENTS, details=_DETAILS, targets=_TARGETS)
