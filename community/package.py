"""What this package adds to the product."""

from community import audit_events
from web.packages import Package

PACKAGE = Package(
    name="community",
    audit=audit_events.AUDIT,
)
