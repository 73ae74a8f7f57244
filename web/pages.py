"""Pages that belong to no package: the statements, the style guide, robots.txt, error pages."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from web.limits import TooMany
from web.requests import refuse
from web.too_many import too_many as moderation_page

MONTH = 30 * 86_400


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is stored of whom, and for how long."""
    context = {
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
        "search_log_days": settings.SEARCH_LOG_DAYS,
        "search_wish_days": settings.SEARCH_WISH_DAYS,
    }
    return render(request, "privacy.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show how accessible this site is, and where to report problems."""
    return render(request, "accessibility.html")


@require_safe
@cache_control(max_age=MONTH)
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt."""
    lines = ["User-agent: *", "Disallow: /cms/", "Disallow: /*/account/", f"Sitemap: {settings.BASE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
@cache_control(max_age=86_400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return where to report vulnerabilities (RFC 9116).

    It is invalid after `Expires`, so that is always in the future.
    """
    expires = (timezone.now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: nl, en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=86_400)
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the web app manifest."""
    return render(request, "manifest.webmanifest", content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker, from the root so that its scope is every page."""
    return render(request, "sw.js", content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker shows without a connection; the same for everybody."""
    return render(request, "offline.html")


def too_many(request: HttpRequest) -> HttpResponse:
    """Return allauth's page for too many sign-ins, registrations or mails. Its short limits last a minute."""
    return moderation_page(request, TooMany(60, "account"))


@require_safe
def too_large(request: HttpRequest) -> HttpResponse:
    """Return the page that nginx shows when it refuses a body (413), in the reader's language."""
    return refuse(request, 413)


class StyleguideForm(forms.Form):
    """A form with every type of field, for the style guide."""

    title = forms.CharField(label=_("Your question"), help_text=_("One sentence is enough."))
    body = forms.CharField(label=_("Anything else we should know"), widget=forms.Textarea, required=False)
    email = forms.EmailField(label=_("E-mail address"))
    topic = forms.ChoiceField(label=_("Topic"), choices=[("", "—"), ("leave", _("Leave")), ("ict", _("ICT"))])
    place = forms.ChoiceField(
        label=_("Who may read this"),
        widget=forms.RadioSelect,
        choices=[("all", _("Everybody")), ("mine", _("My organisation"))],
    )
    follow = forms.BooleanField(label=_("Tell me when there is an answer"), required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component on one page, for page authors and for the accessibility test."""
    now = timezone.now()
    context = {
        "form": StyleguideForm({"title": "", "email": "ayla", "topic": "leave", "place": "all"}),
        "editor": StyleguideForm(auto_id="editor_%s", initial={"body": "**Vet** en _cursief_"}),
        "page_obj": Paginator(range(200), 10).get_page(request.GET.get("page", 5)),
        "moments": [now - timedelta(seconds=s) for s in (5, 7200, 86_400, 3 * 86_400, 400 * 86_400)],
    }
    response = render(request, "styleguide.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
