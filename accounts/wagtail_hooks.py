"""Wagtail admin URLs that the audience fields of editors call."""

from django.urls import URLPattern, path
from wagtail import hooks

from accounts.views.readers import readers


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    """Return the URLs for an existing row and for a new one."""
    return [
        path("readers/<slug:app_label>/<slug:model_name>/", readers, name="readers_new"),
        path("readers/<slug:app_label>/<slug:model_name>/<int:pk>/", readers, name="readers"),
    ]
