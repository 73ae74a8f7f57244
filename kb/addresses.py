"""Addresses of rows with a readable part, such as `/nl/faq/12-verlof/`: pages of links make dozens of them."""

from functools import cache

from django.urls import reverse
from django.utils import translation


def address(name: str, pk: int, slug: str, language: str) -> str:
    """The address called `name`, of a row's id and its readable part, in a language."""
    return _pattern(name, language).replace("0-slug", f"{pk}-{slug}")


@cache
def _pattern(name: str, language: str) -> str:
    """Reversing an address costs as much as reading a row; so once for each name and language."""
    with translation.override(language):
        return reverse(name, args=[0, "slug"])
