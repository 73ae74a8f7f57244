from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.signals import visitor_signed_in
        from chat import receivers
        from kb.signals import faq_published

        faq_published.connect(receivers.faq_published, dispatch_uid="chat.faq_published")
        visitor_signed_in.connect(receivers.visitor_signed_in, dispatch_uid="chat.visitor_signed_in")
