from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:

        from accounts import registry
        from accounts.signals import visitor_signed_in
        from chat import audit_events, capture, documents, receivers
        from kb.capture import register
        from kb.signals import faq_published
        from search import sources

        registry.register_acts(audit_events.ACTS, audit_events.DETAILS, by_nobody=audit_events.BY_NOBODY)
        sources.register(documents.ConversationSource())
        register("conversation", capture.load)
        faq_published.connect(receivers.faq_published, dispatch_uid="chat.faq_published")
        visitor_signed_in.connect(receivers.visitor_signed_in, dispatch_uid="chat.visitor_signed_in")
