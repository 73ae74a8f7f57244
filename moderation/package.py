"""What this package adds to the product."""

from moderation import audit_events
from web.packages import Package

PACKAGE = Package(
    name="moderation",
    audit=audit_events.AUDIT,
)
