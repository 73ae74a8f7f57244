"""URLs of the inbox, of following, and of stored mail."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from notifications import views

app_name = "notifications"
urlpatterns = [
    path(_("inbox/"), views.inbox, name="inbox"),
    path(_("inbox/read-all/"), views.mark_all, name="mark_all"),
    path(_("inbox/choice/"), views.choose, name="choose"),
    path(_("inbox/<int:pk>/"), views.open_notification, name="open"),
    path(_("inbox/<int:pk>/mark/"), views.mark, name="mark"),
    path(_("follow/"), views.follow, name="follow"),
    path(_("manage/sent-mail/"), views.sent_mail, name="sent_mail"),
    path(_("manage/sent-mail/<int:pk>/"), views.sent_mail_detail, name="sent_mail_detail"),
]
