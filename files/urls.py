"""Addresses of files. Nothing is served from MEDIA_URL."""

from django.urls import include, path, re_path

from files import views

pictures = ([path("<int:pk>/<str:name>", views.rendition, name="rendition")], "files")

urlpatterns = [
    path("files/", include(pictures)),
    # Wagtail's own name for it, so that its templates and rich text find it.
    re_path(r"^documents/(\d+)/([^/]+)$", views.document, name="wagtaildocs_serve"),
]
