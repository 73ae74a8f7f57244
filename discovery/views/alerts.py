"""Pages of search alerts: ask for one, confirm or cancel it by mail, and the list of one's own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from discovery import search_alerts
from discovery.analytics import query_log
from discovery.models import SearchAlert
from discovery.search_alerts import TooManySearchAlerts


class AlertForm(forms.Form):
    """The mail address for an alert."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """Create an alert for the search of a signed note (`search`): at once with an account, else by a mailed link."""
    signed = request.POST.get("search", "")[:10_000]
    note = query_log.read_note(signed)
    if note is None:
        if request.method == "POST":
            messages.info(request, _("That page was too old. Search once more, then press the button again."))
        return redirect("search:results")
    if request.user.is_authenticated:
        try:
            search_alerts.create(by=request.viewer, note=note)
            query_log.log_alert(note)
            messages.success(request, _("We will let you know as soon as there is an answer that you may read."))
        except TooManySearchAlerts:
            messages.warning(request, _("You are waiting for many answers already. Take one off the list first."))
        return redirect("search:wishes")
    form = AlertForm(request.POST)
    if form.is_valid() and _create_by_mail(note, form):
        context = {"query": note.text, "email": form.cleaned_data["email"]}
        return render(request, "discovery/alert_mail_sent.html", context)
    context = {"form": form, "query": note.text, "search_note": signed}
    return render(request, "discovery/alert_form.html", context, status=422)


def _create_by_mail(note: query_log.PageNote, form: AlertForm) -> bool:
    try:
        search_alerts.create_by_mail(note, email=form.cleaned_data["email"].lower())
    except TooManySearchAlerts:
        form.add_error("email", _("This address got enough mail from us today. Try again tomorrow."))
        return False
    query_log.log_alert(note)
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, signed: str) -> HttpResponse:
    """Confirm an alert by the link in a mail. A button confirms, since mail scanners follow links too."""
    alert = search_alerts.from_link(signed)
    if alert and request.method == "POST":
        search_alerts.confirm(alert)
        alert.refresh_from_db()
    return _page_of_link(request, alert, "discovery/alert_confirm.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: Request, signed: str) -> HttpResponse:
    """Cancel an alert by the link in a mail, and delete the address with it."""
    alert = search_alerts.from_link(signed, end=True)
    cancelled = bool(alert and request.method == "POST")
    if alert and cancelled:
        alert.delete()
    return _page_of_link(request, alert, "discovery/alert_cancel.html", cancelled=cancelled)


def _page_of_link(request: Request, alert: SearchAlert | None, template: str, **context: Any) -> HttpResponse:
    if alert is None:
        return render(request, "discovery/alert_gone.html", status=410)
    context |= {"alert": alert, "cancel_url": search_alerts.cancel_link(alert) if alert.pk else ""}
    response = render(request, template, context)
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@login_required
@require_safe
def mine(request: Request) -> HttpResponse:
    """List one's own alerts."""
    return render(request, "discovery/alerts.html", {"alerts": search_alerts.owned_by(request.viewer)})


@login_required
@require_POST
def cancel_mine(request: Request, pk: int) -> HttpResponse:
    """Cancel one of one's own alerts. Others' look absent."""
    alert = get_object_or_404(search_alerts.owned_by(request.viewer), pk=pk)
    search_alerts.cancel(by=request.viewer, alert=alert)
    messages.success(request, _("You are no longer waiting for that answer."))
    return redirect("search:wishes")
