"""The search menu and pages of /cms/. Other modules add menu items by the hook `register_search_menu_item`."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from wagtail import hooks
from wagtail.admin.active_filters import ActiveFilter, BaseFilterAdapter, register_filter_adapter_class
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from accounts.requests import Request
from discovery import index_pages as cms_index
from discovery.analytics import pages as cms_figures
from discovery.curation import pages, preview_pages, starter_pages
from discovery.permissions import can_curate

menu = Menu(register_hook_name="register_search_menu_item")


class YesOrNo(BaseFilterAdapter):
    """Show Yes or No for an active filter, where Wagtail shows True or False."""

    def get_active_filters(self) -> Iterator[ActiveFilter]:
        """Return the active filter."""
        for each in super().get_active_filters():
            yield each._replace(value=now("Yes") if self.value else now("No"))


register_filter_adapter_class(BooleanFilter, YesOrNo)


class CuratorsItem(MenuItem):
    """A menu item for curators."""

    def is_shown(self, request: Request) -> bool:
        """Return True for curators."""
        return can_curate(request.viewer)


@hooks.register("register_admin_menu_item")
def search_item() -> MenuItem:
    """The search menu."""
    return SubmenuMenuItem(_("Search"), menu, name="search-curation", icon_name="search", order=400)


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """Synonyms, recommended and demoted pages, protected words."""
    return pages.VIEWSETS


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    """The addresses of the pages."""
    return [
        path("search/figures/", cms_figures.dashboard, name="search_dashboard"),
        path("search/gaps/<int:pk>/hide/", cms_figures.hide_gap, name="search_gap_hide"),
        path("search/gaps/<int:pk>/reopen/", cms_figures.reopen_gap, name="search_gap_reopen"),
        path("search/pick/", pages.pick, name="search_pick"),
        path("search/starter/", starter_pages.starter, name="search_starter"),
        path("search/starter/remove/", starter_pages.remove, name="search_starter_remove"),
        path("search/<slug:kind>/preview/", preview_pages.change, name="search_preview"),
        path("search/<slug:kind>/<int:pk>/preview/", preview_pages.change, name="search_preview"),
        path("search/index/", cms_index.index, name="search_index"),
        path("search/index/rebuild/", cms_index.rebuild, name="search_index_rebuild"),
        path("search/index/retry/", cms_index.retry, name="search_index_retry"),
    ]


@hooks.register("register_search_menu_item")
def figures_item() -> MenuItem:
    """Figures and gaps."""
    return CuratorsItem(_("Search insights"), reverse_lazy("search_dashboard"), icon_name="glasses", order=100)


@hooks.register("register_search_menu_item")
def synonyms_item() -> MenuItem:
    """Synonyms."""
    return CuratorsItem(_("Synonyms"), reverse_lazy("search_synonyms:index"), icon_name="resubmit", order=200)


@hooks.register("register_search_menu_item")
def best_bets_item() -> MenuItem:
    """Recommended and demoted pages."""
    return CuratorsItem(_("Recommended pages"), reverse_lazy("search_best_bets:index"), icon_name="pick", order=300)


@hooks.register("register_search_menu_item")
def protected_words_item() -> MenuItem:
    """Protected words."""
    return CuratorsItem(_("Protected words"), reverse_lazy("search_protected_words:index"), icon_name="lock", order=400)


@hooks.register("register_search_menu_item")
def index_item() -> MenuItem:
    """The state of the index."""
    return CuratorsItem(_("Search index"), reverse_lazy("search_index"), icon_name="cogs", order=900)
