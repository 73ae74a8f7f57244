"""Template tags for addresses and links. They are built in (settings), so no `{% load %}` is needed."""

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
    """Return the address `name`, "" if no route has that name: `{% url_or_empty "chat:start" as chat %}`."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def sign_in_url(context: template.Context) -> str:
    """Return the address of the sign-in page. It leads back here if this page was requested by GET."""
    request = context.get("request")
    here = local_url(request.get_full_path()) if request is not None and request.method in ("GET", "HEAD") else ""
    return reverse("account_login") + (f"?{urlencode({'next': here})}" if here else "")


@register.tag
def typed_links(parser: template.base.Parser, _token: template.base.Token) -> "TypedLinks":
    """Show links in Markdown as its reader may see them: `{% typed_links %}…{% endtyped_links %}`, once around all
    texts of a page."""
    nodes = parser.parse(("endtyped_links",))
    parser.delete_first_token()
    return TypedLinks(nodes)


class TypedLinks(template.Node):
    """Renders its content, then removes links that are not for the reader."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        """Render for the request's viewer; without a request, for a visitor."""
        return for_reader(self.nodelist.render(context), getattr(context.get("request"), "viewer", None) or Person())


class LanguageLink(NamedTuple):
    """A language of the switch. `exists` is False if `url` is only that language's home page."""

    code: str
    name: str
    url: str
    current: bool
    exists: bool


@register.simple_tag(takes_context=True)
def language_links(context: template.Context) -> list[LanguageLink]:
    """Return this page in every language.

    The first that applies: the context's `translations` (language code → address), the translations of the Wagtail page
    in the context's `page` that the reader may see, the same view under the other prefix, that language's home page.
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
    """Return the addresses of the page's translations that the reader may see."""
    rows = type(page)._default_manager.filter(translation_key=page.translation_key, live=True).select_related("locale")
    if request is not None and hasattr(rows, "visible_to"):
        rows = rows.visible_to(request.viewer)
    return {row.locale.language_code: url for row in rows if (url := row.get_url(request))}


def _of_view(request: Request | None) -> dict[str, str]:
    """Return the addresses of the same view; none for pages that Wagtail serves."""
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
    """Return the page numbers to show around `number`, with None where some are left out."""
    return [
        entry if isinstance(entry, int) else None
        for entry in paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    ]


@register.filter
def lost_again(form: Any) -> set[str]:
    """Return the kinds of fields that a browser shows empty after an error: "password", "file"."""
    kinds = {"password": "password", "clearablefile": "file", "file": "file"}
    return {kinds[field.widget_type] for field in form if field.widget_type in kinds}
