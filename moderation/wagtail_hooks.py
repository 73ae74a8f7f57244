"""The moderators' list in the menu of /cms/."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from moderation.permissions import can_review


class QueueItem(MenuItem):
    """Shown to those who may review."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person may review."""
        return can_review(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        """With the address in the reader's language."""
        self.url = reverse("moderation:queue")
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def queue_item() -> MenuItem:
    """Flags."""
    return QueueItem(_("Flags"), reverse_lazy("moderation:queue"), name="flags", icon_name="warning", order=700)
