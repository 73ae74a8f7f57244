"""What this package adds to the product."""

from accounts.roles import CURATORS, Role
from discovery import audit_events, cms_routes, demo, notices
from web.descriptions import Panel
from web.packages import Package

PACKAGE = Package(
    name="discovery",
    audit=audit_events.AUDIT,
    permissions={"search.curate": (*CURATORS, Role.CCO, Role.ADMINISTRATOR)},
    mentioned={"search-alert": notices.zero_result_alerts_visible_to},
    panels=(
        Panel(
            place="curate.missed",
            template="discovery/_gaps_link.html",
            permissions=("search.curate", "wagtail.access"),
        ),
    ),
    cms_routes=cms_routes.ROUTES,
    demo=demo.load,
)
