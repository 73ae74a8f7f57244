"""Addresses of this package. URL names and paths are older than the names of views; pages keep their addresses."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from discovery.views import alerts, log, results, suggestions

app_name = "search"
urlpatterns = [
    path(_("search/"), results.results, name="results"),
    path(_("search/similar/"), results.similar, name="similar"),
    path(_("search/suggestions/"), suggestions.suggestions, name="suggest"),
    path(_("search/related/"), suggestions.related, name="related"),
    path(_("search/seen/"), log.page_event, name="seen"),
    path(_("search/counting/"), log.choose, name="choose_log"),
    path(_("search/tell-me/"), alerts.create, name="wish"),
    path(_("search/tell-me/list/"), alerts.mine, name="wishes"),
    path(_("search/tell-me/list/<int:pk>/end/"), alerts.cancel_mine, name="wish_end_mine"),
    path(_("search/tell-me/confirm/<str:signed>/"), alerts.confirm, name="wish_confirm"),
    path(_("search/tell-me/end/<str:signed>/"), alerts.cancel, name="wish_end"),
]
