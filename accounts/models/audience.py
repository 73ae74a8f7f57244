"""Audiences as rows: one row for each distinct set of keys, never changed or deleted."""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models

from accounts.keys import check_key
from web.http import Viewer


class AudienceManager(models.Manager["Audience"]):
    """Finds and creates audiences by their keys."""

    def of(self, keys: Iterable[str]) -> "Audience":
        """Return the audience with exactly these keys; create it if needed. Raise ValueError for a malformed key."""
        text = " ".join(sorted({check_key(key) for key in keys}))
        digest = hashlib.sha256(text.encode()).hexdigest()
        audience, created = self.get_or_create(digest=digest, defaults={"text": text})
        if created:
            AudienceKey.objects.bulk_create(AudienceKey(audience=audience, key=key) for key in text.split())
        return audience


class Audience(models.Model):
    """A set of keys, meaning *any of*. Rows that people can read refer to one."""

    text = models.TextField()
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[AudienceManager] = AudienceManager()

    def __str__(self) -> str:
        return self.text or "nobody"

    @property
    def key_set(self) -> frozenset[str]:
        """Return the keys."""
        return frozenset(self.text.split())


class AudienceKey(models.Model):
    """One key of an audience, for queries."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=90)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "audience"], name="audience_key_once")]

    def __str__(self) -> str:
        return self.key


def opened_to(viewer: Viewer) -> "models.QuerySet[AudienceKey, Any]":
    """Return a query for the ids of the audiences that a viewer is in."""
    return AudienceKey.objects.filter(key__in=viewer.keys).values("audience_id")


class AudienceQuerySet(models.QuerySet[Any]):
    """QuerySet for models with an `audience` column. Subclasses override `published` to leave out drafts."""

    def published(self) -> Self:
        """Return rows that readers may see at all, without drafts and hidden rows."""
        return self

    def in_audience(self, viewer: Viewer) -> Self:
        """Return rows whose audience shares a key with the viewer."""
        return self.filter(audience__in=opened_to(viewer))

    def visible_to(self, viewer: Viewer) -> Self:
        """Return published rows whose audience includes the viewer."""
        return self.published().in_audience(viewer)
