"""The parts of pages that other packages describe."""

from typing import Any

from web.descriptions import Panel
from web.packages import Package, composed


def panels_for(place: str, user: Any) -> list[Panel]:
    """The panels of a place that are for this person, in their order."""
    return [panel for panel in _panels() if panel.place == place and _is_for(panel, user)]


def _is_for(panel: Panel, user: Any) -> bool:
    if panel.signed_in and not (user and user.is_authenticated):
        return False
    return all(user and user.has_perm(permission) for permission in panel.permissions)


@composed
def _panels(packages: tuple[Package, ...]) -> list[Panel]:
    return sorted((panel for package in packages for panel in package.panels), key=lambda panel: panel.order)
