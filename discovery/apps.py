from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiscoveryConfig(AppConfig):
    name = "discovery"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from discovery import jobs, receivers  # noqa: F401  # receivers listens
        from search.signals import documents_indexed

        documents_indexed.connect(jobs.record_indexed, dispatch_uid="discovery.documents_indexed")
