"""Who wants to know when an answer exists. Kept apart from the query log, and deleted once they were told."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from discovery.models.log import LONGEST


class SearchAlertQuerySet(models.QuerySet["SearchAlert"]):
    """Wishes."""

    def waiting(self) -> Self:
        """Those that are to be told: signed in, or confirmed by mail."""
        return self.filter(confirmed__isnull=False)


class SearchAlert(models.Model):
    """Somebody searched in vain and asked to be told: an `owner` ("user:12"), or the holder of a mail address."""

    owner = models.CharField(max_length=90, blank=True)
    email = models.EmailField(blank=True)
    text = models.CharField(max_length=LONGEST)
    language = models.CharField(max_length=5)
    seen: Any = models.JSONField(default=dict)  # what was found then: document key → whether it was solved
    created = models.DateTimeField(default=timezone.now)
    confirmed = models.DateTimeField(null=True, blank=True)
    checked = models.BigIntegerField(default=0)  # the last Fresh that was held against it

    objects = SearchAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish to be told")
        verbose_name_plural = _("wishes to be told")
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
    """A document that was written since wishes were last looked at."""

    key = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "fresh documents"

    def __str__(self) -> str:
        return self.key
