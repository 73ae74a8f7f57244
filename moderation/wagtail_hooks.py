"""The moderators' list in the menu of /cms/."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from accounts.audiences import Person
from moderation.permissions import can_review


class QueueItem(MenuItem):
    """Menu item for people who may review flags."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Return True if this person may review flags."""
        return can_review(Person(request.user))

    def render_component(self, request: HttpRequest) -> Any:
        """Render it with the URL in the reader's language."""
        self.url = reverse("moderation:queue")
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def queue_item() -> MenuItem:
    """Return the menu item."""
    return QueueItem(_("Flags"), reverse_lazy("moderation:queue"), name="flags", icon_name="warning", order=700)
