"""What Wagtail's admin asks about readers."""

from django.urls import URLPattern, path
from wagtail import hooks

from accounts.views.readers import readers


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    """Of a row that exists, and of one that is being made."""
    return [
        path("readers/<slug:app_label>/<slug:model_name>/", readers, name="readers_new"),
        path("readers/<slug:app_label>/<slug:model_name>/<int:pk>/", readers, name="readers"),
    ]
