"""The health check."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from search import engines
from web.outages import RETRY_SECONDS


def health(request: HttpRequest) -> JsonResponse:
    """Return 200 if this process can serve, 503 if the database does not answer.

    Search never causes a 503: without its engine it answers from the database. `search.state` is `closed` while the
    engine is called, `open` or `half-open` while the circuit breaker spares it because it did not answer.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        return JsonResponse({"status": "database unreachable"}, status=503, headers={"Retry-After": RETRY_SECONDS})
    return JsonResponse({"status": "ok", "search": engines.get().health()})
