"""Tags of the knowledge base's templates."""

import heroicons
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons import IconDoesNotExist

from files.models import Picture

register = template.Library()


@register.simple_tag
def topic_icon(name: str) -> str:
    """A topic's icon; a folder when the name that somebody typed is no icon."""
    for icon in (name + "", "folder"):
        try:
            return mark_safe(heroicons._render_icon("outline", icon, 24, {}))  # noqa: S308 # SVG of the package
        except IconDoesNotExist:
            continue
    return ""


@register.simple_tag
def topic_picture(picture: Picture) -> SafeString:
    """A topic's picture, small; decorative, since the title stands beside it."""
    rendition = picture.get_rendition("fill-320x160")
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" loading="lazy">', rendition.url, rendition.width, rendition.height
    )
