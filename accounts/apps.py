from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and organisations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import time
        from types import SimpleNamespace

        from allauth.core.internal import ratelimit
        from django.apps import apps
        from django.core.cache import caches
        from django.utils.connection import ConnectionProxy

        from accounts import acts, audit_words, receivers, registry, sign_ins  # noqa: F401  # sign_ins listens
        from accounts.sync import sync_groups
        from search import acts as search_acts
        from search.learning import gaps, recorder, searcher, wishes
        from web import clock

        # allauth counts in the default cache, which pages fill: embedded, its oldest entries would be dropped.
        # What it notes are moments that other processes judge, whose own clocks may differ.
        ratelimit.cache = ConnectionProxy(caches, "limits")
        ratelimit.time = SimpleNamespace(time=clock.now, monotonic=time.monotonic, sleep=time.sleep)
        registry.register_acts(acts.ACTS, acts.DETAILS, by_nobody=acts.BY_NOBODY)
        registry.register_acts(search_acts.ACTS, acts.SEARCH_DETAILS)
        audit_words.register()
        wishes.register_owners(receivers.viewer_of)
        gaps.register_readers(receivers.reader_keys)
        searcher.register_choices(receivers.SearchChoices())
        recorder.finders.append(receivers.texts_with_names)

        # Permissions of all apps exist once the last app has been migrated.
        last = list(apps.get_app_configs())[-1]
        post_migrate.connect(sync_groups, sender=last, dispatch_uid="accounts.sync_groups")
