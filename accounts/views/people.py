"""Management: people and the audit log."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit_catalogue, audit_words
from accounts.management_forms import InviteForm, PeopleFilter, PersonForm
from accounts.models import AuditEvent, Invitation, User
from accounts.permissions import can_manage, needs, require
from accounts.requests import Request
from web import once
from web.forms import page, posted
from web.params import search_text

PER_PAGE = 30
PEOPLE_FOUND = 200  # most people with a matching name whose events are searched


@login_required
def manage(request: Request) -> HttpResponse:
    """Show the pages that this person may manage."""
    require(can_manage(request.viewer))
    return render(request, "accounts/manage.html")


@needs("accounts.manage_people")
@require_safe
def people(request: Request) -> HttpResponse:
    """List everybody, with search and filters."""
    chosen = PeopleFilter(request.GET)
    found = chosen.people().prefetch_related(
        "memberships__organisation", "memberships__unit", "team_memberships__team", "role_grants"
    )
    page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    waiting = Invitation.objects.filter(accepted=None).select_related("organisation", "unit").order_by("-created")[:20]
    return render(request, "accounts/people.html", {"form": chosen, "page_obj": page_obj, "waiting": waiting})


@needs("accounts.manage_people")
@once.only
def person(request: Request, pk: int | None = None) -> HttpResponse:
    """Add somebody, or change a person and where they belong."""
    row = get_object_or_404(User, pk=pk) if pk else None
    form = PersonForm(posted(request), person=row)
    if request.method == "POST" and form.is_valid():
        response = _save(request, form) if pk else once.create(request, lambda: _save(request, form))
        if response is not None:
            return response
    # A refused change may have altered the instance.
    row = User.objects.get(pk=pk) if pk else None
    acts = AuditEvent.objects.exclude(event__in=["accounts.signed_in", "accounts.signed_out"])
    events = acts.filter(target=f"accounts.user:{pk}").select_related("by")[:10] if pk else []
    return page(request, "accounts/person.html", form, {"person": row, "events": events})


def _save(request: Request, form: PersonForm) -> HttpResponse | None:
    if (saved := form.apply(by=request.viewer)) is None:
        return None
    messages.success(request, _("%(name)s is saved.") % {"name": saved})
    return redirect("accounts:people")


@needs("accounts.manage_people")
@once.only
def invite(request: Request) -> HttpResponse:
    """Mail somebody a link to register."""
    form = InviteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return once.create(request, lambda: _invite(request, form))
    return page(request, "accounts/invite.html", form, {})


def _invite(request: Request, form: InviteForm) -> HttpResponse:
    form.apply(by=request.viewer)
    messages.success(request, _("The invitation to %(email)s is on its way.") % form.cleaned_data)
    return redirect("accounts:people")


@needs("accounts.see_audit")
@require_safe
def audit(request: Request) -> HttpResponse:
    """Show the audit log. `?q=` searches in events and their labels, and in who did it or whom it concerns."""
    query = search_text(request.GET)
    events = AuditEvent.objects.select_related("by")
    if query:
        named = [act for act, name in audit_catalogue.events().items() if query.lower() in str(name).lower()]
        people = User.objects.filter(name__icontains=query).values_list("pk", flat=True)[:PEOPLE_FOUND]
        found = events.filter(event__in=named) | events.filter(event__icontains=query)
        found |= events.filter(target__in=[f"accounts.user:{pk}" for pk in people])
        found |= events.filter(target__icontains=query)
        events = found | events.filter(by__name__icontains=query) | events.filter(by__email__iexact=query)
    page_obj = Paginator(events, 50).get_page(request.GET.get("page"))
    rows = audit_words.audit_rows(page_obj, request.viewer)
    return render(request, "accounts/audit.html", {"page_obj": page_obj, "rows": rows, "query": query})
