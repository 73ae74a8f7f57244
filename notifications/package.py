"""What this package adds to the product."""

from accounts.roles import Role
from notifications import audit_events
from web.packages import Package

PACKAGE = Package(
    name="notifications",
    audit=audit_events.AUDIT,
    permissions={"notifications.see_sent_mail": (Role.ADMINISTRATOR,)},
)
