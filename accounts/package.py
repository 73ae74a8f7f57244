"""What this package adds to the product."""

from accounts import audit_events
from accounts.menu import MENU
from accounts.roles import CURATORS, Role
from web.packages import Package

PACKAGE = Package(
    name="accounts",
    audit=audit_events.AUDIT,
    permissions={
        "accounts.manage_people": (Role.ADMINISTRATOR,),
        "accounts.manage_organisations": (Role.ADMINISTRATOR,),
        "accounts.manage_teams": (Role.ADMINISTRATOR,),
        "accounts.manage_system": (Role.ADMINISTRATOR,),
        "accounts.see_audit": (Role.ADMINISTRATOR,),
        "wagtail.access": (*CURATORS, Role.ADMINISTRATOR),
    },
    menu=MENU,
)
