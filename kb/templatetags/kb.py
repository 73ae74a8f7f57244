"""Tags of the knowledge base's templates."""

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
    """A topic's icon; a folder when the name that somebody typed is no icon."""
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
    """Rich text with links to what the reader may see."""
    with links.shown_to(_viewer(context)):
        return str(value)


@register.simple_tag(takes_context=True)
def file_for_reader(context: Context, stored: Picture | Attachment | None) -> Picture | Attachment | None:
    """A file that a text shows; None when its own audience is without the reader."""
    with links.shown_to(_viewer(context)):
        return stored if stored and links.file_is_for(stored) else None


@register.simple_tag(takes_context=True)
def topic_picture(context: Context, picture: Picture) -> SafeString | str:
    """A topic's picture, small; decorative, since the title stands beside it. "" when it is not for the reader."""
    if not file_for_reader(context, picture):
        return ""
    rendition = picture.get_rendition("fill-320x160")
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" loading="lazy">', rendition.url, rendition.width, rendition.height
    )
