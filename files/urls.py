"""URLs of files. Nothing is served from MEDIA_URL."""

from django.urls import include, path, re_path

from files import views

pictures = ([path("<int:pk>/<str:name>", views.rendition, name="rendition")], "files")

urlpatterns = [
    path("files/", include(pictures)),
    # The URL name that Wagtail's templates and rich text use.
    re_path(r"^documents/(\d+)/([^/]+)$", views.document, name="wagtaildocs_serve"),
]
