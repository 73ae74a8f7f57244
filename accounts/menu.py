"""The pages of management in the site's menus, and the way to /cms/."""

from django.utils.translation import gettext_lazy as _

from web.descriptions import MenuEntry

_MANAGEMENT = tuple(
    MenuEntry(menus=("management",), label=label, url_name=url_name, order=order, permission=permission)
    for order, (label, url_name, permission) in enumerate(
        (
            (_("People"), "accounts:people", "accounts.manage_people"),
            (_("Organisations"), "accounts:organisations", "accounts.manage_organisations"),
            (_("Teams and circles"), "accounts:teams", "accounts.manage_teams"),
            (_("What was done"), "accounts:audit", "accounts.see_audit"),
            (_("System"), "accounts:system", "accounts.manage_system"),
        )
    )
)
MENU = (
    MenuEntry(
        menus=("top", "account"),
        label=_("Manage"),
        url_name="accounts:manage",
        order=70,
        icon="cog-6-tooth",
        permission="accounts.manage_people",
        for_staff=True,
    ),
    MenuEntry(
        menus=("top", "account"),
        label=_("CMS"),
        url_name="wagtailadmin_home",
        order=80,
        icon="document-text",
        permission="wagtail.access",
        for_staff=True,
    ),
    *_MANAGEMENT,
)
