from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from search import checks
        from search.curation import snapshot
        from search.models import Findable
        from search.models.outbox import watch_deletes

        checks.register_all()
        for model in apps.get_models():
            if issubclass(model, Findable):
                watch_deletes(model)
        snapshot.connect_signals()
