"""Where FAQs came from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Audience
from kb.models.faq import Faq
from search import sources


class Origin(models.Model):
    """A question asked elsewhere that an FAQ answers. It is stored as values; the other package's tables are not
    read."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="origins")
    key = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        ordering: ClassVar = ["created"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["faq", "key"], name="origin_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def label(self) -> str:
        """Return its kind and number for people: "question 12"."""
        kind, _colon, pk = self.key.partition(":")
        source = sources.get(kind)
        return f"{source.label if source else kind} {pk}"
