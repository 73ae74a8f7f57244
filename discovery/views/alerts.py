"""What people tell search: a hit was opened, searches are not to be counted, an answer is awaited."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from discovery import search_alerts
from discovery.analytics import pseudonym, query_log
from discovery.models import SearchAlert
from discovery.search_alerts import TooManySearchAlerts
from web.addresses import local_url

YEAR = 365 * 24 * 3600


# Without CSRF token: what counts is the page's signed note, which no other site has; a beacon carries no header.
@csrf_exempt
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """A results page (`search`: its note) reports that typing rested, or that a hit was opened (`hit`: its
    document key). Always the same empty answer."""
    note = query_log.read(request.POST.get("search", "")[:10_000])
    if note and not pseudonym.opted_out(request):
        query_log.seen(note, request.POST.get("hit", ""))
    return HttpResponse(status=204)


@require_POST
def choose_log(request: HttpRequest) -> HttpResponse:
    """Whether one's searches may be counted (`count`): remembered on this device, and with the account of whoever is
    signed in. Goes back to `next`."""
    counted = request.POST.get("count") == "1"
    after = local_url(request.POST.get("next")) or reverse("search:results")
    everywhere = pseudonym.choose(request.user, counted=counted)
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


class WishForm(forms.Form):
    """Where an answer is to be sent."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest) -> HttpResponse:
    """“Tell me when there is an answer” to the search of a note (`search`): at once for people who are signed in, by a
    link in a mail for others."""
    signed = request.POST.get("search", "")[:10_000]
    note = query_log.read(signed)
    if note is None:
        if request.method == "POST":
            messages.info(request, _("That page was too old. Search once more, then press the button again."))
        return redirect("search:results")
    if request.user.is_authenticated:
        try:
            search_alerts.wish(note, owner=f"user:{request.user.pk}")
            query_log.waits(note)
            messages.success(request, _("You hear from us as soon as there is an answer that you may read."))
        except TooManySearchAlerts:
            messages.warning(request, _("You are waiting for many answers already. Take one off the list first."))
        return redirect("search:wishes")
    form = WishForm(request.POST)
    if form.is_valid() and _by_mail(note, form):
        return render(request, "discovery/wish_sent.html", {"query": note.text, "email": form.cleaned_data["email"]})
    context = {"form": form, "query": note.text, "search_note": signed}
    return render(request, "discovery/wish.html", context, status=422)


def _by_mail(note: query_log.Note, form: WishForm) -> bool:
    try:
        search_alerts.wish_by_mail(note, email=form.cleaned_data["email"].lower())
    except TooManySearchAlerts:
        form.add_error("email", _("This address got enough mail from us today. Try again tomorrow."))
        return False
    query_log.waits(note)
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wish_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the first mail: asks once more by a button, since mail scanners follow links too."""
    found = search_alerts.by_link(signed)
    if found and request.method == "POST":
        search_alerts.confirm(found)
        found.refresh_from_db()
    return _by_link(request, found, "discovery/wish_confirm.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wish_end(request: HttpRequest, signed: str) -> HttpResponse:
    """The link that withdraws a wish made by mail; the address goes with it."""
    found = search_alerts.by_link(signed, end=True)
    ended = bool(found and request.method == "POST")
    if found and ended:
        found.delete()
    return _by_link(request, found, "discovery/wish_end.html", ended=ended)


def _by_link(request: HttpRequest, found: SearchAlert | None, template: str, **context: Any) -> HttpResponse:
    if found is None:
        return render(request, "discovery/wish_gone.html", status=410)
    context |= {"wish": found, "end_url": search_alerts.end_link(found) if found.pk else ""}
    response = render(request, template, context)
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The answers that somebody waits for."""
    rows = SearchAlert.objects.filter(owner=f"user:{request.user.pk}")
    return render(request, "discovery/wishes.html", {"wishes": rows})


@login_required
@require_POST
def end_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer."""
    get_object_or_404(SearchAlert, pk=pk, owner=f"user:{request.user.pk}").delete()
    messages.success(request, _("You no longer wait for that answer."))
    return redirect("search:wishes")
