"""Models: the inbox, what people follow, and mails stored without a mail server."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from notifications import showing

MOST = 100  # unread rows that are counted: the header says "99+"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """QuerySet of inbox rows."""

    def visible_to(self, viewer: Person) -> Self:
        """Return the viewer's own rows whose subjects they may all see. Part of the one query."""
        lost = Subject.objects.filter(showing.lost(viewer), notification=models.OuterRef("pk"))
        return self.filter(~models.Exists(lost), recipient=viewer.user.pk)

    def unread_count(self, viewer: Person) -> int:
        """Return how many of the viewer's own are unread, MOST at most. One query when there are none."""
        if not self.filter(recipient=viewer.user.pk, read=None).exists():
            return 0  # mostly, and then nobody's rights need a look
        return len(self.visible_to(viewer).filter(read=None).values_list("pk")[:MOST])


class Notification(models.Model):
    """One line in a person's inbox, in the language they had when it was written."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    event = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=250)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField(default=timezone.now)
    read = models.DateTimeField(null=True, blank=True)
    mailed = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "-created"], name="notification_inbox"),
            models.Index(fields=["recipient"], condition=models.Q(read=None), name="notification_unread"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "event", "key"], condition=~models.Q(key=""), name="notification_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Subject(models.Model):
    """A row that a notification mentions ("question", 7).

    The notification is shown only to whoever may see that row.
    """

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="subjects")
    kind = models.CharField(max_length=40)
    row = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "kind", "row"], name="subject_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """Return the document key."""
        return f"{self.kind}:{self.row}"


class Follow(models.Model):
    """A person follows a document (its search key, "question:7")."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    key = models.CharField(max_length=120, db_index=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.key}"


class Preference(models.Model):
    """A person's choices about notifications. Without a row: the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choice")
    by_mail = models.BooleanField(_("also send me notifications by mail"), default=True)

    def __str__(self) -> str:
        return f"{self.user}: {'mail' if self.by_mail else 'no mail'}"


class SentMail(models.Model):
    """A mail that was stored because no mail server is configured."""

    to = models.TextField(_("to"))
    sender = models.CharField(_("from"), max_length=250)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=250, null=True, unique=True, editable=False)  # not stored twice
    created = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("sent mail")
        verbose_name_plural = _("sent mails")
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return self.subject

    def save(self, **kwargs: Any) -> None:
        """Save the mail. Subject and sender are truncated to the columns."""
        self.subject, self.sender = self.subject[:250], self.sender[:250]
        super().save(**kwargs)
