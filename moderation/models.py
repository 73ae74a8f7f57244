"""The model of flags and their decisions."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class FlagQuerySet(models.QuerySet["Flag"]):
    """QuerySet of flags."""

    def waiting(self) -> Self:
        """Return open flags, without a decision."""
        return self.filter(state=Flag.State.OPEN)

    def hidden_by(self, moderator: User) -> Self:
        """Return flags after which this moderator hid something that is still hidden."""
        return self.filter(state=Flag.State.HIDDEN, handled_by=moderator)


class Flag(models.Model):
    """Somebody asks a moderator to look at `key` ("answer:12")."""

    class Reason(models.TextChoices):
        PERSONAL = "personal", _("It shows personal data")
        RUDE = "rude", _("It is rude or hurtful")
        WRONG = "wrong", _("It is wrong or dangerous advice")
        SPAM = "spam", _("It is advertising or does not belong here")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("waiting")
        HIDDEN = "hidden", _("hidden")
        DISMISSED = "dismissed", _("left as it is")
        RESTORED = "restored", _("shown again")

    key = models.CharField(max_length=120, db_index=True)
    url = models.CharField(_("address"), max_length=500, blank=True)
    reason = models.CharField(_("what is wrong?"), max_length=20, choices=Reason)
    text = models.TextField(_("explanation"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="flags",
        verbose_name=_("flagged by"),
    )
    created = models.DateTimeField(_("when"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN, db_index=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("handled by"),
    )
    handled = models.DateTimeField(_("handled"), null=True, blank=True)

    objects: ClassVar = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["key", "by"], condition=models.Q(state="open"), name="flag_open_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", handled=None) | ~models.Q(state="open") & ~models.Q(handled=None),
                name="flag_handled_when_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_reason_display()}"
