"""The type of a request after our middleware."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.audiences import Person


class Request(HttpRequest):
    """What views get: with the viewer, and with htmx's headers read."""

    user: Any
    viewer: Person
    htmx: HtmxDetails
