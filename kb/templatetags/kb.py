"""Template tags of the knowledge base."""

import heroicons
from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons import IconDoesNotExist
from wagtail.rich_text import RichText

from files.models import Attachment, Picture
from kb import links
from web.http import Viewer

register = template.Library()


@register.simple_tag
def topic_icon(name: str) -> str:
    """Return a topic's icon, or a folder if no icon has that name."""
    for icon in (name + "", "folder"):
        try:
            return mark_safe(heroicons._render_icon("outline", icon, 24, {}))  # noqa: S308 # SVG of the package
        except IconDoesNotExist:
            continue
    return ""


def _viewer(context: Context) -> Viewer | None:
    return getattr(context.get("request"), "viewer", None)


@register.simple_tag(takes_context=True)
def rich_text(context: Context, value: RichText) -> str:
    """Render rich text with links to what the reader may see."""
    with links.shown_to(_viewer(context)):
        return str(value)


@register.simple_tag(takes_context=True)
def file_for_reader(context: Context, stored: Picture | Attachment | None) -> Picture | Attachment | None:
    """Return a file that a text shows, None if the reader is not in its audience."""
    with links.shown_to(_viewer(context)):
        return stored if stored and links.file_is_for(stored) else None


@register.simple_tag(takes_context=True)
def topic_picture(context: Context, picture: Picture) -> SafeString | str:
    """Render a topic's picture, small and decorative, since its title is beside it. "" if the reader may not see it."""
    if not file_for_reader(context, picture):
        return ""
    rendition = picture.get_rendition("fill-320x160")
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" loading="lazy">', rendition.url, rendition.width, rendition.height
    )
