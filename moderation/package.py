"""What this package adds to the product."""

from accounts.roles import CURATORS, EVERYBODY
from moderation import audit_events
from web.packages import Package

PACKAGE = Package(
    name="moderation",
    audit=audit_events.AUDIT,
    permissions={"moderation.flag": EVERYBODY, "moderation.review": CURATORS},
)
