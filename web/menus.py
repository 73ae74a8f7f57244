"""The menus of the site, as packages describe them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from web.descriptions import MenuEntry
from web.packages import Package, composed


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as one reader gets it on one page."""

    entry: MenuEntry
    url: str
    current: bool


def lines(menu: str, user: Any, path: str) -> Iterator[Line]:
    """The lines of a menu for this person, on the page with this path. Pages that do not exist are left out."""
    for entry in _entries():
        if menu not in entry.menus or (entry.permission and not (user and user.has_perm(entry.permission))):
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        yield Line(entry, url, path == url if entry.prominent else url in path)


def permissions_of(menu: str) -> set[str]:
    """Return the permissions of the entries of a menu: whoever has one of them has something there."""
    return {entry.permission for entry in _entries() if menu in entry.menus and entry.permission}


@composed
def _entries(packages: tuple[Package, ...]) -> list[MenuEntry]:
    return sorted((entry for package in packages for entry in package.menu), key=lambda entry: entry.order)
