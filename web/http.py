"""The type of a request after our middleware, and of who looks."""

from typing import Any, Generic, Protocol, TypeVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Viewer(Protocol):
    """Whoever looks: known by the audience keys they hold."""

    @property
    def keys(self) -> frozenset[str]:
        """The audience keys held now."""
        ...


V = TypeVar("V", bound=Viewer)


class Request(HttpRequest, Generic[V]):
    """What views get: with the viewer, and with htmx's headers read."""

    user: Any
    viewer: V
    htmx: HtmxDetails
