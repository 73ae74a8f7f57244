"""Addresses of rows (`/nl/faq/12-verlof/`) and pages, made without a query: some pages show dozens of links."""

from functools import cache

from django.urls import reverse
from django.utils import translation
from wagtail.models import Page


def address(name: str, pk: int, slug: str, language: str) -> str:
    """Return the address of the route `name` for an id and a slug, in a language."""
    return _pattern(name, language).replace("0-slug", f"{pk}-{slug}")


@cache
def _pattern(name: str, language: str) -> str:
    """Return the address with placeholders. Reversing costs as much as reading a row, so it is done once."""
    with translation.override(language):
        return reverse(name, args=[0, "slug"])


def page_url(page: Page) -> str:
    """Return the address of a page below a home page. No query if its locale is loaded."""
    return path_url(page.url_path, page.locale.language_code)


def path_url(path: str, language: str) -> str:
    """Return the address for Wagtail's `url_path`, with the language in place of the home page's slug."""
    rest = path.strip("/").partition("/")[2]
    return f"/{language}/{rest}/" if rest else f"/{language}/"
