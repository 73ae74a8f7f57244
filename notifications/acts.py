"""What the record of acts calls what is done here."""

from django.utils.translation import gettext_lazy as _

ACTS = {"notifications.links_shown": _("Had the links of a kept mail shown")}
