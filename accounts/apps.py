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

        from accounts import receivers, sign_ins  # noqa: F401  # both connect signals
        from accounts.sync import sync_groups
        from web import clock

        # allauth counts in the default cache. Pages fill that one too, and the embedded cache drops its oldest entries.
        # It stores moments that other processes compare with their own clocks, which may differ.
        ratelimit.cache = ConnectionProxy(caches, "limits")
        ratelimit.time = SimpleNamespace(time=clock.now, monotonic=time.monotonic, sleep=time.sleep)

        # Permissions of all apps exist once the last app has been migrated.
        last = list(apps.get_app_configs())[-1]
        post_migrate.connect(sync_groups, sender=last, dispatch_uid="accounts.sync_groups")
