"""What this package adds to the product."""

from chat import audit_events
from web.packages import Package

PACKAGE = Package(
    name="chat",
    audit=audit_events.AUDIT,
)
