"""What this package adds to the product."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from search import embeddings, engines
from search.indexing import check, indexer
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="search",
    health={"search": lambda: engines.get().health()},
    loops={"indexer": indexer.run, "meaning": lambda _stop: embeddings.warm()},
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
