"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import CURATORS, EVERYBODY
from moderation import audit_events
from web.descriptions import MenuEntry
from web.packages import Package

PACKAGE = Package(
    name="moderation",
    audit=audit_events.AUDIT,
    permissions={"moderation.flag": EVERYBODY, "moderation.review": CURATORS},
    menu=(
        MenuEntry(
            menus=("top", "account"),
            label=_("Flags"),
            url_name="moderation:queue",
            order=60,
            icon="flag",
            permission="moderation.review",
            for_staff=True,
        ),
    ),
)
