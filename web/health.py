"""Whether this process can serve."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from web.outages import RETRY_SECONDS
from web.packages import merged, packages


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 when not, with the state of what packages name (`Package.health`).

    Nothing but the database is a reason for 503: without search's engine, for instance, the database answers.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        return JsonResponse({"status": "database unreachable"}, status=503, headers={"Retry-After": RETRY_SECONDS})
    checks = merged(package.health for package in packages())
    return JsonResponse({"status": "ok"} | {name: check() for name, check in checks.items()})
