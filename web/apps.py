from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from web import job_runner, worker
        from web.background import loops
        from web.mailboxes import hold_forms

        hold_forms()
        loops["tasks"] = worker.run
        loops["jobs"] = job_runner.run
