"""Search alerts: who wants to be told once a search has an answer. Kept apart from the query log."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from discovery.models.log import LONGEST


class SearchAlertQuerySet(models.QuerySet["SearchAlert"]):
    """Search alerts."""

    def waiting(self) -> Self:
        """Return the alerts that may be sent: of people with an account, or with a confirmed mail address."""
        return self.filter(confirmed__isnull=False)


class SearchAlert(models.Model):
    """A request to be told once a search has an answer, by an `owner` ("user:12") or the holder of a mail address.

    It is deleted once it has been sent.
    """

    owner = models.CharField(max_length=90, blank=True)
    email = models.EmailField(blank=True)
    text = models.CharField(max_length=LONGEST)
    language = models.CharField(max_length=5)
    seen: Any = models.JSONField(default=dict)  # the results shown back then: document key → whether it was solved
    created = models.DateTimeField(default=timezone.now)
    confirmed = models.DateTimeField(null=True, blank=True)
    checked = models.BigIntegerField(default=0)  # id of the last FreshDocument that it was matched against

    objects = SearchAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("search alert")
        verbose_name_plural = _("search alerts")
        ordering: ClassVar = ["-created", "-pk"]
        indexes: ClassVar = [models.Index(fields=["confirmed", "checked"], name="search_wish_waiting")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=(models.Q(owner="") ^ models.Q(email="")), name="search_wish_of_one"),
            models.UniqueConstraint(
                fields=["owner", "language", "text"], condition=~models.Q(owner=""), name="search_wish_owner_once"
            ),
            models.UniqueConstraint(
                fields=["email", "language", "text"], condition=~models.Q(email=""), name="search_wish_email_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class FreshDocument(models.Model):
    """A document that was indexed since search alerts were last matched."""

    key = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "fresh documents"

    def __str__(self) -> str:
        return self.key
