from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from web import worker
        from web.background import loops
        from web.mailboxes import check_all_forms

        check_all_forms()
        loops["tasks"] = worker.run
