"""Whether searches are counted."""

from typing import Any

from django import template

from search.learning import searcher

register = template.Library()


@register.simple_tag(takes_context=True)
def searches_refused(context: dict[str, Any]) -> bool:
    """Whether the reader chose that their searches are not counted."""
    return searcher.refused(context["request"])
