"""What this package adds to the product."""

from accounts import audit_events
from web.packages import Package

PACKAGE = Package(
    name="accounts",
    audit=audit_events.AUDIT,
)
