"""What this package adds to the product."""

from kb import audit_events
from web.packages import Package

PACKAGE = Package(
    name="kb",
    audit=audit_events.AUDIT,
)
