"""The page about the index under /cms/: its state, what waits and what failed, rebuilds and how far they are."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from discovery import index_actions
from discovery.permissions import can_curate

STATES: dict[str, Any] = {
    "ready": _("Ready"),
    "missing": _("Not built yet"),
    "old": _("Of another version"),
    "changed": _("Not as expected"),
    "away": _("Does not answer"),
}


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """How things are. `?confirm=1` asks whether to rebuild."""
    if not can_curate(request.user):
        raise PermissionDenied
    status = index_actions.status()
    context = {
        "status": status,
        "state": STATES[status.state],
        "confirm": "confirm" in request.GET,
        "running": any(rebuild.state == rebuild.State.RUNNING for rebuild in status.rebuilds),
    }
    return render(request, "discovery/cms/index.html", context)


@require_POST
def rebuild(request: HttpRequest) -> HttpResponse:
    """Ask for a rebuild."""
    index_actions.rebuild(by=request.user)
    messages.success(request, _("The rebuild has been asked for. Search goes on meanwhile."))
    return redirect("search_index")


@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try again what failed."""
    count = index_actions.retry(by=request.user)
    said = ngettext("%(count)s document is tried again.", "%(count)s documents are tried again.", count)
    messages.success(request, said % {"count": count})
    return redirect("search_index")
