"""Audiences as rows: one row for each distinct set of keys, never changed, never deleted."""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models

from accounts.keys import check_key
from web.http import Viewer


class AudienceManager(models.Manager["Audience"]):
    """Makes and finds audiences by their keys."""

    def of(self, keys: Iterable[str]) -> "Audience":
        """The audience with exactly these keys, made when needed. Raises ValueError for a malformed key."""
        text = " ".join(sorted({check_key(key) for key in keys}))
        digest = hashlib.sha256(text.encode()).hexdigest()
        audience, created = self.get_or_create(digest=digest, defaults={"text": text})
        if created:
            AudienceKey.objects.bulk_create(AudienceKey(audience=audience, key=key) for key in text.split())
        return audience


class Audience(models.Model):
    """A set of keys, meaning *any of*. Rows that people can read point to one."""

    text = models.TextField()
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[AudienceManager] = AudienceManager()

    def __str__(self) -> str:
        return self.text or "nobody"

    @property
    def key_set(self) -> frozenset[str]:
        """The keys."""
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
    """The audiences that a viewer is in, as a query for their numbers."""
    return AudienceKey.objects.filter(key__in=viewer.keys).values("audience_id")


class AudienceQuerySet(models.QuerySet[Any]):
    """For models with an `audience` column. Subclasses narrow `published` to rows that are out."""

    def published(self) -> Self:
        """Rows that readers may see at all; drafts and hidden rows are not among them."""
        return self

    def in_audience(self, viewer: Viewer) -> Self:
        """Rows whose audience shares a key with the viewer."""
        return self.filter(audience__in=opened_to(viewer))

    def visible_to(self, viewer: Viewer) -> Self:
        """Published rows in whose audience the viewer is."""
        return self.published().in_audience(viewer)
