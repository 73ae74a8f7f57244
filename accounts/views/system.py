"""Management: what runs beside the pages."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts import system as pages
from accounts.permissions import needs
from accounts.requests import Request
from web import job_states, once


@needs("accounts.manage_system")
@once.only
@require_http_methods(["GET", "HEAD", "POST"])
def system(request: Request) -> HttpResponse:
    """How jobs and processes fare; a POST has a job run now."""
    if request.method == "POST":
        return once.create(request, lambda: _run(request))
    return render(request, "accounts/system.html", {"rows": pages.job_rows(), "facts": pages.facts()})


def _run(request: Request) -> HttpResponse:
    job = job_states.declared().get(request.POST.get("job", ""))
    if job is None:
        raise Http404
    actions.run_job(by=request.viewer, name=job.name)
    messages.success(request, _("“%(job)s” runs as soon as it can.") % {"job": job.label})
    return redirect("accounts:system")
