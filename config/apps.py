from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project itself: settings, URLs, servers, and the commands that need every package."""

    name = "config"
    verbose_name = "Vraagbaak"
