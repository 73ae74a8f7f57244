"""Pages of the project itself."""

from django.db import Error
from django.http import HttpRequest, JsonResponse

from search import engines
from web import job_states
from web.outages import RETRY_SECONDS


def health(request: HttpRequest) -> JsonResponse:
    """Whether this process can serve: 200 when the database answers, 503 when not.

    Search is no reason for 503: without its engine it answers from the database. `search.state` is `closed` when the
    engine is asked, `open` or `half-open` while it is left alone because it did not answer. Nor are jobs:
    `jobs` is `ok`, or has the names of those that fail, are stuck, or are late because nobody runs them.
    """
    try:
        jobs = job_states.health()
    except Error:
        return JsonResponse({"status": "database unreachable"}, status=503, headers={"Retry-After": RETRY_SECONDS})
    return JsonResponse({"status": "ok", "search": engines.get().health(), "jobs": jobs})
