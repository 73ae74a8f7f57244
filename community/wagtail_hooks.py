"""The forum in /cms/: its spaces for who manages them, its questions for moderators."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
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

from community import permissions
from community.browse import index_page
from community.models import Question, SpacePage


class QuestionFilter(WagtailFilterSet):
    """By state, language and what is hidden."""

    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label=_("Question"))

    class Meta:
        model = Question
        fields: ClassVar[list[str]] = ["q", "state", "language", "hidden"]


class QuestionList(ReportView):
    """The questions a moderator may read, hidden ones included; each line leads to the question itself."""

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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """For moderators."""
        if not permissions.is_moderator(request.user):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[Question]:
        """No role sees what it has no key for."""
        viewer = self.request.viewer
        rows: QuerySet[Question] = Question.objects.readable_by(viewer, moderator=True)
        return rows.select_related("space", "author")


@hooks.register("register_admin_urls")
def admin_urls() -> list[Any]:
    """The list, and its part that filters replace."""
    return [
        path("questions/", QuestionList.as_view(), name="community_questions"),
        path("questions/results/", QuestionList.as_view(results_only=True), name="community_questions_results"),
    ]


class QuestionsItem(MenuItem):
    """Shown to moderators."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person moderates."""
        return permissions.is_moderator(request.user)


class SpacesItem(MenuItem):
    """Shown to those who manage spaces."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person manages spaces."""
        return request.user.has_perm("community.manage_spaces")

    def render_component(self, request: HttpRequest) -> Any:
        """With the community page of the reader's language."""
        if index := index_page((get_language() or "nl")[:2]):
            self.url = reverse("wagtailadmin_explore", args=[index.pk])
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def questions_item() -> MenuItem:
    """Questions."""
    return QuestionsItem(
        _("Questions"), reverse_lazy("community_questions"), name="questions", icon_name="help", order=310
    )


@hooks.register("register_admin_menu_item")
def spaces_item() -> MenuItem:
    """Spaces."""
    return SpacesItem(
        _("Spaces"), reverse_lazy("wagtailadmin_explore_root"), name="spaces", icon_name="group", order=300
    )


@hooks.register("before_delete_page")
def keep_spaces_with_questions(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A space with questions is unpublished, not deleted: its questions would have nowhere to be."""
    below = SpacePage.objects.descendant_of(page, inclusive=True)
    if not Question.objects.filter(space__in=below).exists():
        return None
    messages.error(request, _("This space has questions. Move them first, or unpublish it."))
    return HttpResponseRedirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))
