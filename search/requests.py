"""The type of a request in views of search: after the middleware of accounts, which search does not import."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from search.sources import Viewer


class Request(HttpRequest):
    """What views get: with the viewer, and with htmx's headers read."""

    user: Any
    viewer: Viewer
    htmx: HtmxDetails
