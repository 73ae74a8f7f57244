"""Whether searches are counted, for templates."""

from typing import Any

from django import template

from discovery.analytics import pseudonym

register = template.Library()


@register.simple_tag(takes_context=True)
def searches_refused(context: dict[str, Any]) -> bool:
    """Return True if the reader chose not to have their searches counted."""
    return pseudonym.refused_by_person(context["request"])
