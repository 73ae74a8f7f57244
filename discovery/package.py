"""What `discovery` says of itself."""

from django.utils.translation import gettext_lazy as _

from discovery import jobs, search_alerts
from discovery.analytics import gaps, popular_queries
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="discovery",
    jobs=(
        Job(
            name=search_alerts.JOB,
            label=_("Tell people who asked to be told of an answer"),
            run=jobs.match_alerts,
            seconds=60,
            share=1 / 2,
        ),
        Job(name=gaps.JOB, label=_("Look for answers to what was asked in vain"), run=jobs.retry_gaps, seconds=60),
        Job(
            name="discovery.count_searches",
            label=_("Count what people search for"),
            run=jobs.count_searches,
            seconds=60,
        ),
        Job(
            name="discovery.choose_suggestions",
            label=_("Choose past searches to suggest"),
            run=popular_queries.choose_good,
            seconds=600,
        ),
        Job(name="discovery.purge_log", label=_("Forget old searches"), run=jobs.purge, seconds=600),
    ),
)
