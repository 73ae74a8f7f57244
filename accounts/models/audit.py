"""The audit log: what was done, by whom, to what."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import audit_catalogue


class AuditEvent(models.Model):
    """One recorded event. Written in the transaction of the action, so it exists exactly when the action succeeded."""

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by")
    )
    event = models.CharField(_("what"), max_length=60, db_index=True)
    target = models.CharField(_("of what"), max_length=120, blank=True, db_index=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.event} {self.target}"

    @property
    def name(self) -> str:
        """Return the label of the event in the current language."""
        return str(audit_catalogue.events().get(self.event, self.event))

    @property
    def who(self) -> str:
        """Return who did it, in words, also for events without an account."""
        return str(self.by or audit_catalogue.actors().get(self.event) or _("The system"))
