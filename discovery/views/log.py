"""What browsers report to the query log, and the choice not to be counted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.requests import Request
from discovery.analytics import pseudonym, query_log
from web.addresses import local_url

YEAR = 365 * 24 * 3600


# Without CSRF token: a beacon cannot send the header, and other sites do not have the page's signed note.
@csrf_exempt
@require_POST
def page_event(request: Request) -> HttpResponse:
    """Log that typing paused on a results page (`search`: its note), or that a hit was opened (`hit`: document key).

    Always the same empty answer.
    """
    note = query_log.read_note(request.POST.get("search", "")[:10_000])
    if note and not pseudonym.opted_out(request):
        query_log.log_page_event(note, request.POST.get("hit", ""))
    return HttpResponse(status=204)


@require_POST
def choose(request: Request) -> HttpResponse:
    """Store whether one's searches may be counted (`count`), on this device and for the account. Goes to `next`."""
    counted = request.POST.get("count") == "1"
    after = local_url(request.POST.get("next")) or reverse("search:results")
    everywhere = pseudonym.save_choice(by=request.viewer, counted=counted)
    if counted:
        messages.success(request, _("Your searches are counted again, without your name."))
    elif everywhere:
        messages.success(request, _("From now on your searches are not counted, wherever you are signed in."))
    else:
        messages.success(request, _("From now on your searches on this device are not counted."))
    response = redirect(after)
    if counted:
        response.delete_cookie(pseudonym.COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            pseudonym.COOKIE, pseudonym.OFF, max_age=YEAR, httponly=True, secure=request.is_secure(), samesite="Lax"
        )
    return response
