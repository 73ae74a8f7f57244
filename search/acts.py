"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {
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
