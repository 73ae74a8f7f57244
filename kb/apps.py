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

        from accounts import registry
        from files.row_filters import filter_files
        from kb import audit_events, documents, review, site
        from kb.cms import fields, held, history, record, routes
        from kb.models import HomePage, TopicPage
        from kb.models.moves import after_move, before_move

        registry.register_acts(audit_events.ACTS, audit_events.DETAILS)
        for model in (HomePage, TopicPage):
            registry.register_target(model._meta.label_lower, audit_events.page_titles(model))
        pre_page_move.connect(before_move, dispatch_uid="kb.before_move")
        post_page_move.connect(after_move, dispatch_uid="kb.after_move")
        site.register_access()
        documents.register()
        held.hold_all()
        filter_files()
        routes.declare_all()
        history.connect()
        fields.use()
        record.connect()
        review.connect()
        # Content types of all apps exist once the last app has been migrated.
        last = list(apps.get_app_configs())[-1]
        post_migrate.connect(site.sync_site, sender=last, dispatch_uid="kb.sync_site")
