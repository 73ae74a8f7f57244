"""The page about the index under /cms/: its state, waiting and failed documents, rebuilds and their progress."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import require
from accounts.requests import Request
from discovery import index_actions
from discovery.permissions import can_curate

STATES: dict[str, Any] = {
    "ready": _("Ready"),
    "missing": _("Not built yet"),
    "old": _("From another version"),
    "changed": _("Not as expected"),
    "away": _("Does not answer"),
}


@never_cache
@require_safe
def index(request: Request) -> HttpResponse:
    """Show the state of the index. `?confirm=1` asks for confirmation of a rebuild."""
    require(can_curate(request.viewer))
    status = index_actions.status()
    context = {
        "status": status,
        "state": STATES[status.state],
        "confirm": "confirm" in request.GET,
        "running": any(rebuild.state == rebuild.State.RUNNING for rebuild in status.rebuilds),
    }
    return render(request, "discovery/cms/index.html", context)


@require_POST
def rebuild(request: Request) -> HttpResponse:
    """Request a rebuild."""
    index_actions.rebuild(by=request.viewer)
    messages.success(request, _("A rebuild has been requested. Search keeps working meanwhile."))
    return redirect("search_index")


@require_POST
def retry(request: Request) -> HttpResponse:
    """Retry failed documents."""
    count = index_actions.retry(by=request.viewer)
    said = ngettext("%(count)s document is tried again.", "%(count)s documents are tried again.", count)
    messages.success(request, said % {"count": count})
    return redirect("search_index")
