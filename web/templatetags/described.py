"""Menus and panels as packages describe them, badges, errors of forms. Built in (settings): needs no `{% load %}`."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from web import menus
from web.badges import BADGES, Badge
from web.forms import must_wait
from web.panels import panels_for

register = template.Library()
register.filter("must_wait", must_wait)


@register.simple_tag(takes_context=True)
def menu_lines(context: template.Context, menu: str) -> list[menus.Line]:
    """The lines of a menu for whoever reads this page: `{% menu_lines "top" as lines %}`."""
    request = context.get("request")
    return list(menus.lines(menu, context.get("user"), request.path if request is not None else ""))


@register.simple_tag(takes_context=True)
def panels(context: template.RequestContext, place: str) -> SafeString:
    """What other packages show at this place of a page: `{% panels "home.main" %}`."""
    engine = template.Engine.get_default()
    shown = [engine.get_template(panel.template).render(context) for panel in panels_for(place, context.get("user"))]
    return mark_safe("".join(shown))  # noqa: S308  # rendered templates


@register.filter
def badge(name: str) -> Badge:
    """The badge of that name; for another name one without word and picture, in that tone."""
    return BADGES.get(name) or Badge("", "", name)


@register.simple_tag
def badge_names() -> list[str]:
    """The names of all badges: `{% badge_names as names %}`."""
    return list(BADGES)
