"""URLs of flagging and of the moderators' list."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from moderation import views

app_name = "moderation"
urlpatterns = [
    path(_("flag/"), views.flag, name="flag"),
    path(_("flags/"), views.queue, name="queue"),
    path(_("flags/look/"), views.look, name="look"),
    path(_("flags/decide/"), views.decide, name="decide"),
]
