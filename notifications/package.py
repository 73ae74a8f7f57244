"""What this package adds to the product."""

from notifications import audit_events
from web.packages import Package

PACKAGE = Package(
    name="notifications",
    audit=audit_events.AUDIT,
)
