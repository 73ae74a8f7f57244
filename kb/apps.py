from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    name = "kb"
    verbose_name = _("Knowledge")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.apps import apps
        from wagtail.signals import post_page_move, pre_page_move

        from files.row_filters import filter_files
        from kb import documents, review, site
        from kb.cms import fields, held, history, record
        from kb.models.moves import after_move, before_move

        pre_page_move.connect(before_move, dispatch_uid="kb.before_move")
        post_page_move.connect(after_move, dispatch_uid="kb.after_move")
        documents.connect()
        held.hold_all()
        filter_files()
        history.connect()
        fields.use()
        record.connect()
        review.connect()
        # Content types of all apps exist once the last app has been migrated.
        last = list(apps.get_app_configs())[-1]
        post_migrate.connect(site.sync_site, sender=last, dispatch_uid="kb.sync_site")
