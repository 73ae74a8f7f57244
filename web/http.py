"""The types of a request after our middleware, and of its viewer."""

from typing import Any, Generic, Protocol, TypeVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Viewer(Protocol):
    """Whoever requests something, with the audience keys they hold."""

    @property
    def keys(self) -> frozenset[str]:
        """Return the audience keys they hold now."""
        ...


V = TypeVar("V", bound=Viewer)


class Request(HttpRequest, Generic[V]):
    """The request that views get: with the viewer and htmx's headers."""

    user: Any
    viewer: V
    htmx: HtmxDetails
