from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from search import checks
        from search.curation import curated
        from search.indexing.outbox import watch_deletes
        from search.learning import log, wishes
        from search.models import Findable
        from search.signals import curated as curated_signal
        from search.signals import search_ended

        checks.register_all()
        for model in apps.get_models():
            if issubclass(model, Findable):
                watch_deletes(model)
        curated.watch()
        curated_signal.connect(wishes.told, dispatch_uid="search.wishes")
        search_ended.connect(log.ended, dispatch_uid="search.log")
