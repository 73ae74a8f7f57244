"""The curators' pages of search under /cms/: synonyms, recommended and demoted pages, protected words."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import JsonResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import register_permission_policy

from accounts.audiences import viewer_for
from accounts.permissions import require
from accounts.requests import Request
from discovery.curation import actions, document_picker, forms, preview_pages
from discovery.curation.tables import BestBetTable, PageColumn, StateColumn
from discovery.permissions import can_curate
from search.models import BestBet, ProtectedWord, StarterRow, Synonym
from web import params
from web.once import CreatesOnce


class CuratePolicy(BasePermissionPolicy):
    """Everything for those with `search.curate`, nothing for others."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return the same for every action."""
        return can_curate(viewer_for(user))

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Any]:
        """Return nobody: Wagtail calls this where it lists people, which it does not do for these models."""
        users: QuerySet[Any] = get_user_model()._default_manager.none()
        return users


for _model in (Synonym, BestBet, ProtectedWord):
    register_permission_policy(_model, CuratePolicy(_model))


class IndexView(generic.IndexView):
    """A list of rows with the people who changed them."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Return the rows with their people."""
        rows: QuerySet[Any] = super().get_base_queryset()
        return rows.select_related("changed_by")


class WithPreview:
    """Give the template the kind for `search_preview`, which shows what the form would change."""

    model: type[Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `preview_kind`; "" for rows without preview."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a mixin of form views
        kinds = {model: kind for kind, (model, _form, _name) in preview_pages.FORMS.items()}
        return context | {"preview_kind": kinds.get(self.model, "")}


class CreateView(CreatesOnce, WithPreview, generic.CreateView):
    """Create a row by the action. The address may fill in words: `?terms=`, `?queries=`."""

    def get_initial(self) -> dict[str, Any]:
        """Add the words in the address."""
        given = {name: params.search_text(self.request.GET, name) for name in ("terms", "queries")}
        return super().get_initial() | {name: text for name, text in given.items() if text}

    def save_instance(self) -> Any:
        row = actions.save(by=self.request.viewer, row=self.form.instance)
        log(row, "wagtail.create", user=self.request.user)
        return row


class EditView(WithPreview, generic.EditView):
    """Save a row by the action."""

    def save_instance(self) -> Any:
        row = actions.save(by=self.request.viewer, row=self.form.instance)
        log(row, "wagtail.edit", user=self.request.user)
        return row


class DeleteView(generic.DeleteView):
    """Delete a row by the action."""

    def delete_action(self) -> None:
        log(self.object, "wagtail.delete", user=self.request.user, deleted=True)
        actions.delete(by=self.request.viewer, row=self.object)


class CuratedViewSet(ModelViewSet):
    """The common part of the three lists."""

    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView
    copy_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = False
    list_per_page = 50


class SynonymIndexView(IndexView):
    """The synonyms, with a button to the starter list."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Add the button, which offers to add the list until that was done."""
        label = _("Starter list") if StarterRow.objects.exists() else _("Add the starter list")
        buttons: list[HeaderButton] = super().header_buttons
        return [*buttons, HeaderButton(label, url=reverse("search_starter"), icon_name="list-ul", priority=2000)]


class SynonymViewSet(CuratedViewSet):
    """Words that mean the same."""

    model = Synonym
    index_view_class = SynonymIndexView
    name = "search_synonyms"
    url_prefix = "search/synonyms"
    icon = "resubmit"
    create_template_name = "discovery/cms/curated/create.html"
    edit_template_name = "discovery/cms/curated/edit.html"
    search_fields: ClassVar[list[str]] = ["terms", "to", "note"]
    list_filter: ClassVar[list[str]] = ["language", "active", "origin"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("language", label=_("Language"), accessor="get_language_display"),
        BooleanColumn("active", label=_("Active"), sort_key="active"),
        Column("note", label=_("Note")),
        Column("origin", label=_("Origin"), accessor="get_origin_display"),
        Column("changed_by", label=_("Changed by")),
        DateColumn("changed", label=_("Changed"), sort_key="changed"),
    ]

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form for new and existing rows."""
        return forms.SynonymForm


class ProtectedWordViewSet(CuratedViewSet):
    """Words that are neither split nor stemmed."""

    model = ProtectedWord
    name = "search_protected_words"
    url_prefix = "search/protected-words"
    icon = "lock"
    search_fields: ClassVar[list[str]] = ["word", "note"]
    list_display: ClassVar[list[Any]] = [
        "word",
        Column("note", label=_("Note")),
        Column("changed_by", label=_("Changed by")),
        DateColumn("changed", label=_("Changed"), sort_key="changed"),
    ]

    class _Create(CreateView):
        success_message = _(
            "“%(object)s” is protected as soon as the index has been built anew, which has been asked for."
        )

    class _Edit(EditView):
        success_message = _(
            "“%(object)s” is protected as soon as the index has been built anew, which has been asked for."
        )

    class _Delete(DeleteView):
        success_message = _(
            "“%(object)s” is no longer protected as soon as the index has been built anew, which has been asked for."
        )

    add_view_class = _Create
    edit_view_class = _Edit
    delete_view_class = _Delete

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form for new and existing rows."""
        return forms.ProtectedWordForm


class WithViewer:
    """Give the form the curator as a viewer."""

    request: Request

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add `viewer`."""
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]  # a mixin of form views
        return kwargs | {"viewer": self.request.viewer}


class BestBetIndexView(IndexView):
    """Rows with the titles of their pages, as far as the curator may see them."""

    table_class = BestBetTable

    def get_table_kwargs(self) -> dict[str, Any]:
        """Add the curator as a viewer."""
        kwargs: dict[str, Any] = super().get_table_kwargs()
        return kwargs | {"viewer": self.request.viewer}


class BestBetViewSet(CuratedViewSet):
    """Recommended and demoted pages."""

    model = BestBet
    name = "search_best_bets"
    url_prefix = "search/recommended"
    icon = "pick"
    create_template_name = "discovery/cms/curated/create.html"
    edit_template_name = "discovery/cms/curated/edit.html"
    index_view_class = BestBetIndexView
    search_fields: ClassVar[list[str]] = ["queries", "note"]
    list_filter: ClassVar[list[str]] = ["kind", "language", "active"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        PageColumn("page", label=_("Page"), accessor="document"),
        Column("order", label=_("Order"), sort_key="order"),
        DateColumn("until", label=_("Until"), sort_key="until"),
        StateColumn("works", label=_("State"), accessor="active"),
        Column("changed_by", label=_("Changed by")),
        DateColumn("changed", label=_("Changed"), sort_key="changed"),
    ]

    class _Create(WithViewer, CreateView):
        pass

    class _Edit(WithViewer, EditView):
        pass

    add_view_class = _Create
    edit_view_class = _Edit

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form for new and existing rows."""
        return forms.BestBetForm


VIEWSETS = [SynonymViewSet(), BestBetViewSet(), ProtectedWordViewSet()]


@never_cache
@require_safe
def pick(request: Request) -> JsonResponse:
    """Return pages that the curator may choose, for `?q=`, as JSON."""
    require(can_curate(request.viewer))
    viewer = request.viewer
    return JsonResponse(
        {"pages": document_picker.suggest(params.search_text(request.GET), viewer, get_language() or "")}
    )
