"""Whether searches are counted."""

from typing import Any

from django import template

from discovery.analytics import pseudonym

register = template.Library()


@register.simple_tag(takes_context=True)
def searches_refused(context: dict[str, Any]) -> bool:
    """Whether the reader chose that their searches are not counted."""
    return pseudonym.refused(context["request"])
