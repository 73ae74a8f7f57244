from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.sessions.models import Session
        from django.db.models.signals import post_delete, post_save

        from accounts.models import CircleMembership, Membership, RoleGrant, TeamMembership, User
        from accounts.signals import visitor_signed_in
        from chat import receivers
        from kb.signals import faq_published

        faq_published.connect(receivers.faq_published, dispatch_uid="chat.faq_published")
        visitor_signed_in.connect(receivers.visitor_signed_in, dispatch_uid="chat.visitor_signed_in")
        post_delete.connect(receivers.session_ended, sender=Session, dispatch_uid="chat.session_ended")
        for model in (TeamMembership, RoleGrant, Membership, CircleMembership, User):
            for signal in (post_save, post_delete):
                signal.connect(receivers.rights_changed, sender=model, dispatch_uid=f"chat.rights.{model.__name__}")
