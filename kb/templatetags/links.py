"""Addresses for templates: names that may not exist yet, and this page in the other languages.

Both are built in (settings), so no `{% load %}` is needed.
"""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.core.paginator import Paginator
from django.urls import NoReverseMatch, Resolver404, resolve, reverse, translate_url
from django.utils.translation import get_language, override
from wagtail.models import Page

from accounts.audiences import Person
from accounts.requests import Request
from kb.typed_links import for_reader
from web.addresses import local_url

register = template.Library()


@register.simple_tag
def url_or_empty(name: str, *args: object, **kwargs: object) -> str:
    """The address `name`, or "" when no page has that name: `{% url_or_empty "chat:start" as chat %}`."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def sign_in_url(context: template.Context) -> str:
    """The sign-in page, which leads back here when this is a page that can be asked for again."""
    request = context.get("request")
    here = local_url(request.get_full_path()) if request is not None and request.method in ("GET", "HEAD") else ""
    return reverse("account_login") + (f"?{urlencode({'next': here})}" if here else "")


@register.tag
def typed_links(parser: template.base.Parser, _token: template.base.Token) -> "TypedLinks":
    """What people wrote in Markdown, as its reader may see it: `{% typed_links %}…{% endtyped_links %}`, once around
    all that a page shows."""
    nodes = parser.parse(("endtyped_links",))
    parser.delete_first_token()
    return TypedLinks(nodes)


class TypedLinks(template.Node):
    """Draws what is inside, then leaves links out that are not for the reader."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        """Without a request it is for everybody."""
        return for_reader(self.nodelist.render(context), getattr(context.get("request"), "viewer", None) or Person())


class LanguageLink(NamedTuple):
    """One language of the switch. `exists`: the very page is there, and not only that language's home."""

    code: str
    name: str
    url: str
    current: bool
    exists: bool


@register.simple_tag(takes_context=True)
def language_links(context: template.Context) -> list[LanguageLink]:
    """This page in every language.

    In order: the context's `translations` (a dict of language code → address), the translations of the Wagtail page in
    the context's `page` that this reader may see, the same view under the other prefix, that language's home.
    """
    request = context.get("request")
    current = get_language() or settings.LANGUAGE_CODE
    known = context.get("translations")
    if known is None:
        known = _of_page(context["page"], request) if isinstance(context.get("page"), Page) else _of_view(request)
    links = []
    for code, _label in settings.LANGUAGES:
        with override(code):
            home = reverse("wagtail_serve", args=[""])
        name = {"nl": "Nederlands", "en": "English"}.get(code, code)
        here = request.get_full_path() if request and code == current else ""
        links.append(LanguageLink(code, name, here or known.get(code) or home, code == current, code in known))
    return links


def _of_page(page: Page, request: Request | None) -> dict[str, str]:
    """Addresses of the page's translations that the reader may see."""
    rows = type(page)._default_manager.filter(translation_key=page.translation_key, live=True).select_related("locale")
    if request is not None and hasattr(rows, "visible_to"):
        rows = rows.visible_to(request.viewer)
    return {row.locale.language_code: url for row in rows if (url := row.get_url(request))}


def _of_view(request: Request | None) -> dict[str, str]:
    """Addresses of the same view; empty for pages that Wagtail serves."""
    if request is None:
        return {}
    try:
        match: Any = resolve(request.path_info)
    except Resolver404:
        return {}
    if match.url_name == "wagtail_serve":
        return {}
    path, here = request.get_full_path(), get_language()
    urls = {code: path if code == here else translate_url(path, code) for code, _label in settings.LANGUAGES}
    return {code: url for code, url in urls.items() if url != path or code == here}


@register.filter
def page_numbers(paginator: Paginator, number: int) -> list[int | None]:
    """Page numbers to show around `number`; None where some are left out."""
    return [
        entry if isinstance(entry, int) else None
        for entry in paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    ]


@register.filter
def lost_again(form: Any) -> set[str]:
    """Which kinds of fields of a refused form a browser shows empty: "password", "file"."""
    kinds = {"password": "password", "clearablefile": "file", "file": "file"}
    return {kinds[field.widget_type] for field in form if field.widget_type in kinds}
