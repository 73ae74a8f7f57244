"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "kb.draft_faq": _("Drafted an FAQ"),
    "kb.link_faq": _("Linked an exchange to an FAQ"),
    "kb.publish_faq": _("Published an FAQ"),
    "kb.import_faqs": _("Imported FAQs"),
}
