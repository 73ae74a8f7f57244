"""FAQs in /cms/, and hooks that keep Wagtail to audiences."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, UpdatedAtColumn
from wagtail.admin.views.pages.search import SearchView
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet

from kb import links
from kb.cms import history, readers
from kb.models import Faq
from kb.permissions import can_curate
from web import cms
from web.once import CreatesOnce


class FaqCreateView(CreatesOnce, CreateView):
    """A new FAQ. `?question=` fills in its question, for example from a search without results."""

    def get_initial_form_instance(self) -> Faq:
        """Return an FAQ in the chosen language, with the question filled in."""
        instance: Faq = super().get_initial_form_instance()
        question = " ".join(self.request.GET.get("question", "").split())
        instance.question = question[:1].upper() + question[1:255]
        return instance


class FaqViewSet(SnippetViewSet):
    """FAQs: a list with filters, and an editor with review and preview."""

    model = Faq
    add_view_class = FaqCreateView
    icon = "help"
    menu_label = _("FAQs")
    menu_order = 150
    add_to_admin_menu = True
    list_display = ("question", "topic", BooleanColumn("live", label=_("Published")), UpdatedAtColumn())
    list_filter = ("live", "topic", "verified_by", "owner", "own_audience", "source")
    search_fields = ("question", "answer", "tags", "source_id")
    list_per_page = 50
    ordering = ("-last_published_at",)
    panels = (
        FieldPanel("question"),
        FieldPanel("answer"),
        FieldPanel("topic"),
        FieldPanel("own_audience"),
        MultiFieldPanel(
            [
                FieldPanel("tags"),
                FieldPanel("owner"),
                FieldRowPanel([FieldPanel("verified_by"), FieldPanel("verified_at")]),
            ],
            heading=_("Maintenance"),
        ),
    )


register_snippet(FaqViewSet)
# Wagtail does not name what it searches, and would show "1-1 of 1 None".
SearchView.verbose_name, SearchView.verbose_name_plural = Page._meta.verbose_name, Page._meta.verbose_name_plural


class CurateMenuItem(MenuItem):
    """A menu entry for people who may publish."""

    def is_shown(self, request: Any) -> bool:
        """True for people who may publish."""
        return can_curate(request.viewer)


@hooks.register("register_admin_menu_item")
def curate_item() -> MenuItem:
    """Return the menu entry that links to the curator's home."""
    return CurateMenuItem(_("Curate"), reverse("kb:curate"), icon_name="pick", order=10)


@hooks.register("register_rich_text_features", order=100)
def links_for_readers(features: FeatureRegistry) -> None:
    """Replace Wagtail's link handlers."""
    features.register_link_type(links.ReaderPageLinks)
    features.register_link_type(links.ReaderDocumentLinks)


@hooks.register("before_move_page")
def readers_when_moved(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    """Refuse a move after which nobody could read the page, or something below it."""
    if why := readers.before_move(request, [page], destination):
        messages.error(request, why)
        return redirect("wagtailadmin_pages:move", page.pk)
    return None


@hooks.register("before_bulk_action")
def readers_of_many(request: HttpRequest, action: str, rows: list[Any], view: Any) -> HttpResponse | None:
    """Refuse bulk actions that would widen audiences, or leave something without readers."""
    why, sent = "", view.cleaned_form.cleaned_data
    if action == "publish":
        below = bool(sent.get("include_descendants"))
        why = readers.before_bulk_publish(request, rows, include_descendants=below)
    if action == "move" and sent.get("chooser"):
        why = readers.before_move(request, rows, sent["chooser"])
    if why:
        messages.error(request, why)
        return redirect(view.next_url)
    return None


@hooks.register("register_log_actions", order=100)
def log_without_titles(actions: LogActionRegistry) -> None:
    """Hide titles in the log. Runs after all packages have registered their actions."""
    history.tell_without_words(actions)


@hooks.register("construct_main_menu", order=100)
@hooks.register("construct_reports_menu", order=100)
@hooks.register("construct_settings_menu", order=100)
@hooks.register("construct_help_menu", order=100)
def without_closed(_request: HttpRequest, items: list[MenuItem]) -> None:
    """Remove menu entries of closed routes (`web.cms`)."""
    items[:] = [item for item in items if not _is_closed(str(getattr(item, "url", "")))]


def _is_closed(url: str) -> bool:
    try:
        route = cms.route_of(resolve(url.partition("?")[0]).view_name)
    except Resolver404:
        return False
    return route is not None and route.closed
