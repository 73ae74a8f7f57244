"""Addresses of search."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from discovery.views import alerts as pages
from discovery.views import results
from discovery.views import suggestions as fragments

app_name = "search"
urlpatterns = [
    path(_("search/"), results.results, name="results"),
    path(_("search/similar/"), results.similar, name="similar"),
    path(_("search/suggestions/"), fragments.suggestions, name="suggest"),
    path(_("search/related/"), fragments.related, name="related"),
    path(_("search/seen/"), pages.seen, name="seen"),
    path(_("search/counting/"), pages.choose_log, name="choose_log"),
    path(_("search/tell-me/"), pages.wish, name="wish"),
    path(_("search/tell-me/list/"), pages.mine, name="wishes"),
    path(_("search/tell-me/list/<int:pk>/end/"), pages.end_mine, name="wish_end_mine"),
    path(_("search/tell-me/confirm/<str:signed>/"), pages.wish_confirm, name="wish_confirm"),
    path(_("search/tell-me/end/<str:signed>/"), pages.wish_end, name="wish_end"),
]
