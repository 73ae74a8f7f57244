from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiscoveryConfig(AppConfig):
    name = "discovery"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import registry
        from discovery import audit_events, jobs, notices, receivers  # noqa: F401  # receivers listens
        from notifications import showing
        from search.signals import documents_indexed

        registry.register_acts(audit_events.ACTS, audit_events.DETAILS)
        showing.register("search-alert", notices.alerts_for)
        documents_indexed.connect(jobs.documents_written, dispatch_uid="discovery.documents_indexed")
