from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("Community")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from community import documents, receivers
        from kb.models import TopicPage
        from kb.signals import faq_published

        post_save.connect(documents.topic_changed, sender=TopicPage, dispatch_uid="community.topic_changed")
        faq_published.connect(receivers.tell_thread, dispatch_uid="community.faq_published")
