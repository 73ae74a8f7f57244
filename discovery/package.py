"""What this package adds to the product."""

from discovery import audit_events
from web.packages import Package

PACKAGE = Package(
    name="discovery",
    audit=audit_events.AUDIT,
)
