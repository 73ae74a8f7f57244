"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import CURATORS, Role
from discovery import audit_events, cms_routes, demo, jobs, notices, search_alerts
from discovery.analytics import gaps, suggested_queries
from web.descriptions import Panel
from web.jobs import Job
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
    jobs=(
        Job(
            name=search_alerts.JOB,
            label=_("Tell people who asked to be told of an answer"),
            run=jobs.match_alerts,
            seconds=60,
            share=1 / 2,
        ),
        Job(name=gaps.JOB, label=_("Look for answers to what was asked in vain"), run=jobs.recheck_gaps, seconds=60),
        Job(
            name="discovery.count_searches",
            label=_("Count what people search for"),
            run=jobs.count_searches,
            seconds=60,
        ),
        Job(
            name="discovery.choose_suggestions",
            label=_("Choose past searches to suggest"),
            run=suggested_queries.choose,
            seconds=600,
        ),
        Job(name="discovery.purge_log", label=_("Forget old searches"), run=jobs.purge, seconds=600),
    ),
)
