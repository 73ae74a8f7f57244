"""What happened in a conversation, in order."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.conversation import Conversation
from search.models import Findable


class Event(Findable):
    """One thing that happened. The table is the log that sockets replay from, so a row never changes."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        JOINED = "joined", _("joined")
        LEFT = "left", _("left")
        TRANSFERRED = "transferred", _("passed on")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")
        FAQ_PUBLISHED = "faq_published", _("answer published")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MESSAGE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_staff = models.BooleanField(default=False)  # said by the team, not by the asker
    body = models.TextField(blank=True)  # Markdown as written; for other kinds what they are about
    body_html = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)  # what a faq_published event points at
    client_id = models.CharField(max_length=64, blank=True)  # chosen by the sender, so that a resend is not a repeat
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("event in a conversation")
        verbose_name_plural = _("events in conversations")
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="event_number_once"),
            models.UniqueConstraint(
                fields=["conversation", "client_id"], condition=~models.Q(client_id=""), name="event_client_id_once"
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="event_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.number} {self.kind}"

    def search_keys(self) -> list[str]:
        """A conversation is one document, so what changes is the conversation's."""
        return [f"conversation:{self.conversation_id}"]
