"""Links typed in Markdown, shown as `kb.links` shows those of rich text: a link to a page, FAQ, question or file that
the reader may not see, or that is gone, is reduced to its text, since addresses hold titles.

They are recognised by the attributes that `markup` writes. All links of a page cost one query together.
"""

import html as entities
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http.request import validate_host
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.routable_page.models import RoutablePageMixin
from wagtail.models import Page, Site

from accounts.models import opened_to
from files.models import Attachment, PictureRendition
from kb.models.audience import audience_models, in_audiences
from markup.clean import LINK_REL
from search import sources
from web.http import Viewer
from web.params import number

_LINK = re.compile(rf'<a href="([^"]*)"([^>]*) rel="{LINK_REL}">(.*?)</a>|<img src="([^"]*)" alt="[^>]*>', re.DOTALL)
_PAGE, _ROUTABLE, _OLD, _DOCUMENT, _PICTURE = "page", "routable", "old address", "document", "picture"
_BY_PATH = (_PAGE, _ROUTABLE, _OLD)
MOST = 300  # addresses of this site that are looked up for a page; links beyond that are reduced to their text
Target = tuple[str, str]  # a kind, and the pk or path that identifies one of it


def for_reader(html: str, viewer: Viewer) -> SafeString:
    """Return clean HTML without the typed links and pictures that the reader may not see."""
    paths = {address: path for address in _addresses(html) if (path := _path_here(address))}
    targets = {address: found for address, path in [*paths.items()][:MOST] if (found := _targets(path))}
    visible = _visible({target for found in targets.values() for target in found}, viewer) if targets else set()
    closed = {address for address, found in targets.items() if not visible.intersection(found)}
    closed.update([*paths][MOST:])

    def shown(match: re.Match[str]) -> str:
        if entities.unescape(match[4] or "") in closed:
            return ""
        address = entities.unescape(match[1] or "")
        return _words(match[3], address) if address in closed else match[0]

    return mark_safe(_LINK.sub(shown, html) if closed else html)  # noqa: S308 # clean HTML, of which parts are left out


def without_addresses(text: str) -> str:
    """Return plain text without addresses of this site, for search and for others than its readers."""
    return _our_addresses().sub("", text) if "://" in text else text


@cache
def _our_addresses() -> re.Pattern[str]:
    hosts = "|".join(sorted({re.escape(name.lstrip(".")) for name in _hosts()}))
    return re.compile(rf"https?://(?:[\w-]+\.)*(?:{hosts})(?::[0-9]+)?/\S*", re.IGNORECASE)


def _addresses(html: str) -> Iterable[str]:
    return dict.fromkeys(entities.unescape(match[1] or match[4] or "") for match in _LINK.finditer(html))


def _words(words: str, address: str) -> str:
    """Return the text that replaces a link: its own, unless that is the address."""
    path = urlsplit(address).path.strip("/")
    told = entities.unescape(words)
    return entities.escape(_("a page that is not here")) if path in told or unquote(path) in told else words


def _path_here(address: str) -> str:
    """Return the path of an address of this site, "" for another site's and for what everybody may see."""
    try:
        parts = urlsplit(address)
        path = unquote(parts.path) if not parts.hostname or _is_ours(parts) else ""
    except ValueError:
        return ""
    return path if path.startswith("/") and path != "/" and not path.startswith(settings.STATIC_URL) else ""


def _targets(path: str) -> list[Target]:
    """Return what may be at a path that not everybody may see; nothing for other views."""
    old = (_OLD, Redirect.normalise_path(path))
    match, language = _match(path)
    if match is None:
        return [old]
    if match.view_name == "wagtail_serve":
        return [old, *_pages(match.args[0] if match.args else match.kwargs.get("path", ""), language)]
    if match.view_name == "wagtaildocs_serve":
        return [(_DOCUMENT, str(match.args[0]))]
    if match.view_name == "files:rendition":
        return [(_PICTURE, str(match.kwargs["pk"]))]
    kinds = [each.kind for each in sources.all() if match.view_name in each.url_names and not each.on_request_only]
    return [(kind, str(match.kwargs["pk"])) for kind in kinds]


def _is_ours(parts: SplitResult) -> bool:
    return parts.scheme in ("", "http", "https") and validate_host(parts.hostname or "", _hosts())


def _hosts() -> list[str]:
    """Return the host names of this site; if any host is allowed, only that of BASE_URL."""
    names = [*settings.ALLOWED_HOSTS, urlsplit(settings.BASE_URL).hostname or ""]
    return [name for name in names if name not in ("", "*")]


@lru_cache(maxsize=4096)
def _match(path: str) -> tuple[ResolverMatch | None, str]:
    language = translation.get_language_from_path(path) or settings.LANGUAGE_CODE
    with translation.override(language):
        for each in (path, f"{path}/"):
            try:
                return resolve(each), language
            except Resolver404:
                continue
    return None, language


def _pages(path: str, language: str) -> Iterable[Target]:
    """Yield the page at a path, and the routable page above it that may serve the path."""
    for root in Site.get_site_root_paths():
        if root.language_code == language:
            yield _PAGE, f"{root.root_path}{path}"
            above = path.rstrip("/").rpartition("/")[0]
            if above:
                yield _ROUTABLE, f"{root.root_path}{above}/"


def _visible(targets: Iterable[Target], viewer: Viewer) -> set[Target]:
    """Return the targets that the reader may see. One query."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for kind, name in sorted(targets):
        if "\0" not in name and (kind in _BY_PATH or number(name) is not None):
            wanted[kind].append(name)
    if not wanted:
        return set()
    opened = opened_to(viewer)
    models = audience_models()
    routable = [model for model in models if issubclass(model, RoutablePageMixin)]
    pages = Page._base_manager.filter(in_audiences(opened, models), live=True)
    rows: dict[str, tuple[QuerySet[Any], str]] = {
        _PAGE: (pages, "url_path"),
        _ROUTABLE: (Page._base_manager.filter(in_audiences(opened, routable), live=True), "url_path"),
        _OLD: (Redirect._base_manager.filter(Q(redirect_page=None) | Q(redirect_page__in=pages)), "old_path"),
        _DOCUMENT: (Attachment._base_manager.filter(_open("audience", opened)), "pk"),
        _PICTURE: (PictureRendition._base_manager.filter(_open("image__audience", opened)), "pk"),
    }
    for source in sources.all():
        rows[source.kind] = source.visible_to(viewer).prefetch_related(None), "pk"
    first, *others = (_named(*rows[kind], kind, names) for kind, names in wanted.items())
    return set(first.union(*others, all=True) if others else first)


def _open(column: str, opened: Any) -> Q:
    """Match files that the reader may see; without an audience, every reader (as `kb.links.file_is_for`)."""
    return Q(**{column: None}) | Q(**{f"{column}__in": opened})


def _named(rows: "QuerySet[Any]", column: str, kind: str, names: list[str]) -> "QuerySet[Any]":
    """Return the targets among rows, as two text columns."""
    found = rows.order_by().filter(**{f"{column}__in": names})
    return found.values_list(Value(kind, output_field=TextField()), Cast(F(column), TextField()))
