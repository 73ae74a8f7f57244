from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import registry
        from notifications import acts, receivers, showing
        from search import signals

        registry.register_acts(acts.ACTS, acts.DETAILS)
        showing.register("search-alert", receivers.alerts_for)

        for name in ("zero_results_high", "wish_made", "wish_granted"):
            getattr(signals, name).connect(getattr(receivers, name), dispatch_uid=f"notifications.{name}")
