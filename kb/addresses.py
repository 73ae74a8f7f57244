"""Addresses of rows (`/nl/faq/12-verlof/`) and pages, made without a query: some pages show dozens of links."""

from functools import cache

from django.urls import reverse
from django.utils import translation
from wagtail.models import Page


def address(name: str, pk: int, slug: str, language: str) -> str:
    """The address called `name`, of a row's id and its readable part, in a language."""
    return _pattern(name, language).replace("0-slug", f"{pk}-{slug}")


@cache
def _pattern(name: str, language: str) -> str:
    """Reversing an address costs as much as reading a row; so once for each name and language."""
    with translation.override(language):
        return reverse(name, args=[0, "slug"])


def page_url(page: Page) -> str:
    """The address of a page below a home page, without a query."""
    return path_url(page.url_path, page.locale.language_code)


def path_url(path: str, language: str) -> str:
    """The address for Wagtail's `url_path`: the home page's slug gives way to the language."""
    rest = path.strip("/").partition("/")[2]
    return f"/{language}/{rest}/" if rest else f"/{language}/"
