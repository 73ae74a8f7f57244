"""Views: the inbox, following, and stored mails."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from accounts.requests import Request
from notifications import actions
from notifications.models import Follow, Notification, Preference, SentMail
from notifications.permissions import can_follow
from web.addresses import local_url
from web.params import search_text
from web.private_links import masked

PER_PAGE = 30


@login_required
@require_safe
def inbox(request: Request) -> HttpResponse:
    """Show the inbox, newest first."""
    rows = Notification.objects.visible_to(request.viewer).select_related("actor")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    choice = Preference.objects.filter(user=request.viewer.account).first()
    context = {"page_obj": page, "by_mail": choice is None or choice.by_mail}
    return render(request, "notifications/inbox.html", context)


@login_required
@require_safe
def open_notification(request: Request, pk: int) -> HttpResponse:
    """Mark a notification as read and redirect to its URL."""
    row = get_object_or_404(Notification.objects.visible_to(request.viewer), pk=pk)
    actions.mark(by=request.viewer, notifications=[row])
    return redirect(row.url or "notifications:inbox")


@login_required
@require_POST
def mark(request: Request, pk: int) -> HttpResponse:
    """Mark a notification as read, or with `read=0` as unread."""
    row = get_object_or_404(Notification.objects.visible_to(request.viewer), pk=pk)
    actions.mark(by=request.viewer, notifications=[row], read=request.POST.get("read") != "0")
    return redirect("notifications:inbox")


@login_required
@require_POST
def mark_all(request: Request) -> HttpResponse:
    """Mark all notifications as read."""
    unread = Notification.objects.visible_to(request.viewer).filter(read=None)
    actions.mark(by=request.viewer, notifications=unread)
    return redirect("notifications:inbox")


@login_required
@require_POST
def choose(request: Request) -> HttpResponse:
    """Turn mail on or off."""
    actions.choose(by=request.viewer, by_mail="by_mail" in request.POST)
    messages.success(request, _("Your choice has been saved."))
    return redirect("notifications:inbox")


@login_required
@require_POST
def follow(request: Request) -> HttpResponse:
    """Follow or unfollow `key`. Return the button for htmx, otherwise redirect to `next`."""
    key, on = request.POST.get("key", ""), request.POST.get("on") == "1"
    if on and not can_follow(request.viewer, key):
        return HttpResponse(_("This does not exist, or you may not see it."), status=404)
    (actions.follow if on else actions.unfollow)(by=request.viewer, key=key)
    if request.headers.get("HX-Request"):
        following = Follow.objects.filter(user=request.viewer.account, key=key).exists()
        context = {"key": key, "following": following, "next": local_url(request.POST.get("next"))}
        response = render(request, "notifications/_follow.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return redirect(local_url(request.POST.get("next")) or "notifications:inbox")


@needs("notifications.see_sent_mail")
@require_safe
def sent_mail(request: Request) -> HttpResponse:
    """List the stored mails, newest first. `?q=` searches in address and subject."""
    query = search_text(request.GET)
    mails = SentMail.objects.defer("text", "html")
    if query:
        mails = mails.filter(to__icontains=query) | mails.filter(subject__icontains=query)
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/sent_mail.html", {"page_obj": page, "query": query})


@needs("notifications.see_sent_mail")
@require_http_methods(["GET", "HEAD", "POST"])
def sent_mail_detail(request: Request, pk: int) -> HttpResponse:
    """Show one stored mail as text.

    Links that sign in or act as somebody are shown only on demand (POST), which is recorded.
    """
    mail = get_object_or_404(SentMail, pk=pk)
    text, html = mail.text, mail.html
    if request.method == "POST":
        actions.show_links(by=request.viewer, mail=mail)
    else:
        text, html = masked(text), masked(html)
    hidden = (text, html) != (mail.text, mail.html)
    context = {"mail": mail, "text": text, "html": html, "hidden": hidden}
    return render(request, "notifications/sent_mail_detail.html", context)
