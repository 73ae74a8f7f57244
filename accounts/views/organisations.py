"""Management: organisations with their units, teams and circles."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import organisation_actions
from accounts.management_forms import CircleForm, MemberForm, OrganisationForm, TeamForm, UnitForm
from accounts.models import Circle, Organisation, Team, Unit, User
from accounts.permissions import needs
from accounts.requests import Request
from web import once
from web.forms import page, posted
from web.params import key

PER_PAGE = 50


@needs("accounts.manage_organisations")
@require_safe
def organisations(request: Request) -> HttpResponse:
    """List all organisations."""
    rows = Organisation.objects.annotate(
        people_count=Count("memberships", distinct=True), unit_count=Count("units", distinct=True)
    ).order_by("name")
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/organisations.html", {"page_obj": page_obj})


@needs("accounts.manage_organisations")
@once.only
def organisation(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change an organisation, with the list of its units."""
    row = get_object_or_404(Organisation, pk=pk) if pk else Organisation()
    form = OrganisationForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        save = partial(organisation_actions.save_organisation, by=request.viewer, organisation=row)
        return _saved(request, "accounts:organisation", row, save)
    units = Unit.objects.filter(organisation=row).order_by("path").annotate(people=Count("memberships")) if pk else []
    for below in units:
        below.dashes = "– " * (below.depth - 1)  # for the page
    return page(request, "accounts/organisation.html", form, {"organisation": row, "units": units})


@needs("accounts.manage_organisations")
@once.only
def unit(request: Request, organisation_pk: int, pk: int | None = None) -> HttpResponse:
    """Add, rename or (with `delete`) delete a unit."""
    parent_row = get_object_or_404(Organisation, pk=organisation_pk)
    row = get_object_or_404(Unit, pk=pk, organisation=parent_row) if pk else Unit()
    form = UnitForm(posted(request), instance=row, organisation=parent_row)
    if request.method == "POST" and form.is_valid():
        save = partial(_save_unit, request, form, parent_row, pk)
        if (response := save() if pk else once.create(request, save)) is not None:
            return response
    return page(request, "accounts/unit.html", form, {"organisation": parent_row, "unit": row})


def _save_unit(request: Request, form: UnitForm, organisation: Organisation, pk: int | None) -> HttpResponse | None:
    by = request.viewer
    names = {"name": form.cleaned_data["name"], "name_en": form.cleaned_data["name_en"]}
    if pk is None:
        organisation_actions.add_unit(by=by, organisation=organisation, parent=form.cleaned_data["parent"], **names)
    elif "delete" in request.POST:
        try:
            organisation_actions.delete_unit(by=by, unit=form.instance)
        except ValidationError as refused:
            form.add_error(None, refused)
            return None
    else:
        organisation_actions.rename_unit(by=by, unit=form.instance, **names)
    messages.success(request, _("The units of %(name)s are saved.") % {"name": organisation.label})
    return redirect("accounts:organisation", pk=organisation.pk)


@needs("accounts.manage_teams")
@require_safe
def teams(request: Request) -> HttpResponse:
    """List all teams and circles."""
    rows = Team.objects.select_related("organisation", "parent").annotate(people_count=Count("memberships"))
    rows = rows.order_by("name")
    circles = Circle.objects.annotate(people_count=Count("memberships")).order_by("name")
    return render(request, "accounts/teams.html", {"teams": rows, "circles": circles})


@needs("accounts.manage_teams")
@once.only
def team(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change a team, with the list of its members."""
    row = get_object_or_404(Team, pk=pk) if pk else Team()
    form = TeamForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        save = partial(organisation_actions.save_team, by=request.viewer, team=row)
        return _saved(request, "accounts:team", row, save)
    return page(request, "accounts/group.html", form, {"group": row, "kind": "team", **_members(request, row)})


@needs("accounts.manage_teams")
@once.only
def circle(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change a circle, with the list of its members."""
    row = get_object_or_404(Circle, pk=pk) if pk else Circle()
    form = CircleForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        save = partial(organisation_actions.save_circle, by=request.viewer, circle=row)
        return _saved(request, "accounts:circle", row, save)
    return page(request, "accounts/group.html", form, {"group": row, "kind": "circle", **_members(request, row)})


def _saved(request: Request, name: str, row: Organisation | Team | Circle, save: Callable[[], None]) -> HttpResponse:
    def saved() -> HttpResponse:
        save()
        messages.success(request, _("%(name)s is saved.") % {"name": row.label})
        return redirect(name, pk=row.pk)

    return saved() if row.pk else once.create(request, saved)


def _members(request: Request, row: Team | Circle) -> dict[str, Any]:
    if not row.pk:
        return {}
    members = row.memberships.select_related("user").order_by("user__name", "user__email")
    return {"page_obj": Paginator(members, PER_PAGE).get_page(request.GET.get("page")), "member_form": MemberForm()}


@needs("accounts.manage_teams")
@require_POST
def members(request: Request, kind: str, pk: int) -> HttpResponse:
    """Add somebody to a team or circle by address, or remove them (`remove`)."""
    model: Any = {"team": Team, "circle": Circle}.get(kind)
    if model is None:
        raise Http404
    row = get_object_or_404(model, pk=pk)
    by = request.viewer
    if remove := request.POST.get("remove"):
        person = get_object_or_404(User, pk=key(remove))
        organisation_actions.remove_member(by=by, group=row, person=person)
        messages.success(request, _("%(name)s has been removed.") % {"name": person})
        return redirect(f"accounts:{kind}", pk=pk)
    form = MemberForm(request.POST)
    if form.is_valid():
        organisation_actions.add_member(by=by, group=row, person=form.person)  # type: ignore[arg-type]  # found by the form
        messages.success(request, _("%(name)s has been added.") % {"name": form.person})
        return redirect(f"accounts:{kind}", pk=pk)
    own = (TeamForm if kind == "team" else CircleForm)(instance=row)
    context = {"form": own, "group": row, "kind": kind, **_members(request, row), "member_form": form}
    return render(request, "accounts/group.html", context, status=422)
