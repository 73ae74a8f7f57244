from django import template
from django.utils.safestring import SafeString

from markup import text

register = template.Library()


@register.filter
def markdown(source: str) -> SafeString:
    """Render Markdown that was not rendered when it was saved; past the limit, show it as plain text."""
    try:
        return text.render(source or "")
    except text.TooLong:
        return text.verbatim(source)
