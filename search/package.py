"""What `search` says of itself."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from search.indexing import check
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="search",
    jobs=(
        Job(
            name="search.check_index",
            label=_("Compare search index and database, and repair"),
            run=check.nightly,
            at=time(3, 10),
            limit=2 * 3600,
        ),
    ),
)
