from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from web.mailboxes import check_all_forms
        from web.packages import packages

        packages()  # read before the first thread, so that a wrong description ends the start
        check_all_forms()
