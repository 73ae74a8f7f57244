"""The menus of the site. Built in (settings), so no `{% load %}` is needed."""

from django import template

from web import menus

register = template.Library()


@register.simple_tag(takes_context=True)
def menu_lines(context: template.Context, menu: str) -> list[menus.Line]:
    """The lines of a menu for whoever reads this page: `{% menu_lines "top" as lines %}`."""
    request = context.get("request")
    return list(menus.lines(menu, context.get("user"), request.path if request is not None else ""))
