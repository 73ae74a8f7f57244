"""Addresses of chat: for those who ask under chat/, for those who answer under desk/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from chat.views import ask, conversation, desk

app_name = "chat"
urlpatterns = [
    path(_("chat/"), ask.start, name="start"),
    path(_("chat/mine/"), ask.mine, name="mine"),
    path(_("chat/back/<str:signed>/"), ask.link, name="link"),
    path("chat/<int:pk>/", conversation.show, name="conversation"),
    path("chat/<int:pk>/status/", conversation.status, name="status"),
    path(_("chat/<int:pk>/post/"), conversation.post, name="post"),
    path("chat/<int:pk>/<str:act>/", conversation.act, name="act"),
    path(_("desk/"), desk.desk, name="desk"),
    path(_("desk/lists/"), desk.lists, name="desk_lists"),
    path(_("desk/history/"), desk.history, name="history"),
    path(_("desk/<int:pk>/"), desk.desk, name="desk_conversation"),
]
