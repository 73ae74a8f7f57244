"""What each package says of itself, in its `package.py`, for the rest of the product to read.

A package is added by giving it a `package.py` with a `PACKAGE`, naming it in INSTALLED_APPS and including its `urls.py`
in `config/urls.py`; it is named nowhere else. Descriptions are read once models are loaded, so a `package.py` imports
the functions and classes that it lists. Nothing imports a `package.py`: it is read by `packages()` alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from web.descriptions import Audit, Capturable, Hideable, MenuEntry, Panel, Route, SearchSource, WagtailAccess
from web.jobs import Job
from web.live import Frame, Room

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True, eq=False)
class Package:
    """The description of one package. Each field is read by the package that uses it."""

    name: str
    audit: Audit = field(default_factory=Audit)  # accounts
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # permission → its roles; accounts
    wagtail_access: tuple[WagtailAccess, ...] = ()  # accounts
    page_roots: Mapping[str, Callable[[], QuerySet[Any]]] = field(default_factory=dict)  # name → pages; accounts
    sources: tuple[SearchSource, ...] = ()  # search
    # Titles of topics by key: (keys, language, viewer) → those that the viewer may see, in one query; search
    topic_titles: Callable[[Iterable[str], str, Any], dict[str, str]] | None = None
    # Kind → the rows of it that a viewer may see: what notifications speak of besides findable rows; notifications
    mentioned: Mapping[str, Callable[[Any], QuerySet[Any]]] = field(default_factory=dict)
    hideable: tuple[Hideable, ...] = ()  # moderation
    capturable: tuple[Capturable, ...] = ()  # kb
    menu: tuple[MenuEntry, ...] = ()  # web
    panels: tuple[Panel, ...] = ()  # web
    cms_routes: Mapping[str, Route] = field(default_factory=dict)  # address under /cms/ → what it is about; web
    sitemaps: Mapping[str, Sitemap | type[Sitemap]] = field(default_factory=dict)  # web
    # What does not stop the site when it is away → its state, for /health/; must not wait for it; web
    health: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    # What runs beside the requests until the event is set; web
    loops: Mapping[str, Callable[[Event], None]] = field(default_factory=dict)
    demo: Callable[[Path], None] | None = None  # loads the package's part of demo/; `manage.py load_demo`
    jobs: tuple[Job, ...] = ()  # web
    rooms: tuple[Room, ...] = ()  # of the socket; live
    frames: tuple[Frame, ...] = ()  # that clients may send; live


def packages() -> tuple[Package, ...]:
    """The descriptions of all installed packages: what others stand on comes first."""
    return _described()


@cache
def _described() -> tuple[Package, ...]:
    """Read the descriptions, in the order of INSTALLED_APPS reversed. Apps without a `package.py` are left out."""
    ours = [name for name in reversed(settings.INSTALLED_APPS) if "." not in name and find_spec(f"{name}.package")]
    return tuple(import_module(f"{name}.package").PACKAGE for name in ours)


def composed(read: Callable[[tuple[Package, ...]], V]) -> Callable[[], V]:
    """Turn a function of all descriptions into one without parameters that computes its value once."""
    of = lru_cache(maxsize=1)(read)

    @wraps(read)
    def value() -> V:
        return of(packages())

    return value


def merged(mappings: Iterable[Mapping[K, V]]) -> dict[K, V]:
    """Merge what packages say by name. Raises ValueError for a name that two packages use."""
    found: dict[K, V] = {}
    for mapping in mappings:
        if twice := found.keys() & mapping.keys():
            raise ValueError(f"two packages declare {sorted(map(str, twice))}")
        found.update(mapping)
    return found
