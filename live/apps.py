from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    name = "live"
    verbose_name = _("Live updates")

    def ready(self) -> None:
        from django.contrib.sessions.models import Session
        from django.db.models.signals import post_delete, post_save

        from accounts.models import CircleMembership, Membership, RoleGrant, TeamMembership, User
        from live import receivers

        post_delete.connect(receivers.session_ended, sender=Session, dispatch_uid="live.session_ended")
        for model in (TeamMembership, RoleGrant, Membership, CircleMembership, User):
            for signal in (post_save, post_delete):
                signal.connect(receivers.rights_changed, sender=model, dispatch_uid=f"live.rights.{model.__name__}")
