"""Addresses of search."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from search import fragments, views

app_name = "search"
urlpatterns = [
    path(_("search/"), views.results, name="results"),
    path(_("search/similar/"), views.similar, name="similar"),
    path(_("search/suggestions/"), fragments.suggestions, name="suggest"),
    path(_("search/related/"), fragments.related, name="related"),
]
