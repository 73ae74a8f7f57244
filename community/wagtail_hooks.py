"""The forum in /cms/: spaces for people who manage them, questions for moderators."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse, reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page

from accounts.permissions import require
from accounts.requests import Request
from community import permissions
from community.models import CommunityIndexPage, Question, SpacePage


class QuestionFilter(WagtailFilterSet):
    """Filters by text, state, language, and whether hidden."""

    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label=_("Question"))

    class Meta:
        model = Question
        fields: ClassVar[list[str]] = ["q", "state", "language", "hidden"]


class QuestionList(ReportView):
    """The questions that a moderator may read, hidden ones included. Each line links to the question's page."""

    model = Question
    page_title = _("Questions")
    header_icon = "help"
    index_url_name = "community_questions"
    index_results_url_name = "community_questions_results"
    filterset_class = QuestionFilter
    default_ordering = "-last_activity"
    is_searchable = False
    columns: ClassVar[list[Column]] = [
        TitleColumn("title", label=_("Question"), get_url=lambda question: question.get_absolute_url()),
        Column("space", label=_("Space"), accessor="space.title"),
        Column("author", label=_("Asked by"), accessor="author"),
        Column("state", label=_("State"), accessor="get_state_display"),
        Column("hidden", label=_("Hidden"), accessor=lambda question: _("hidden") if question.hidden else ""),
        DateColumn("last_activity", label=_("Last activity"), sort_key="last_activity"),
    ]
    list_export: ClassVar[list[str]] = []  # Wagtail's export does not neutralise spreadsheet formulas

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list to moderators. Raises PermissionDenied."""
        require(permissions.is_moderator(request.viewer))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[Question]:
        """Return the questions in the moderator's audiences."""
        viewer = self.request.viewer
        rows: QuerySet[Question] = Question.objects.readable_by(viewer, moderator=True)
        return rows.select_related("space", "author")


@hooks.register("register_admin_urls")
def admin_urls() -> list[Any]:
    """Return the routes of the list, and of its part that filters replace."""
    return [
        path("questions/", QuestionList.as_view(), name="community_questions"),
        path("questions/results/", QuestionList.as_view(results_only=True), name="community_questions_results"),
    ]


class QuestionsItem(MenuItem):
    """The menu entry for moderators."""

    def is_shown(self, request: Request) -> bool:
        """True for moderators."""
        return permissions.is_moderator(request.viewer)


class SpacesItem(MenuItem):
    """The menu entry for people who manage spaces."""

    def is_shown(self, request: Request) -> bool:
        """True for people who manage spaces."""
        return request.viewer.has_perm("community.manage_spaces")

    def render_component(self, request: HttpRequest) -> Any:
        """Link to the community page of the active language."""
        if index := CommunityIndexPage.of_language((get_language() or "nl")[:2]):
            self.url = reverse("wagtailadmin_explore", args=[index.pk])
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def questions_item() -> MenuItem:
    """Return the menu entry of questions."""
    return QuestionsItem(
        _("Questions"), reverse_lazy("community_questions"), name="questions", icon_name="help", order=310
    )


@hooks.register("register_admin_menu_item")
def spaces_item() -> MenuItem:
    """Return the menu entry of spaces."""
    return SpacesItem(
        _("Spaces"), reverse_lazy("wagtailadmin_explore_root"), name="spaces", icon_name="group", order=300
    )


@hooks.register("before_delete_page")
def keep_spaces_with_questions(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to delete a space that has questions."""
    below = SpacePage.objects.descendant_of(page, inclusive=True)
    if not Question.objects.filter(space__in=below).exists():
        return None
    messages.error(request, _("This space has questions. Move them first, or unpublish it."))
    return HttpResponseRedirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))
