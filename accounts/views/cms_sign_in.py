"""Wagtail's sign-in and sign-out URLs: all redirect to the one sign-in page."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache


@never_cache
def sign_in(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Redirect to the sign-in page, with `next` if it is a URL of this site."""
    return _to_sign_in(request, default="")


@never_cache
def sign_in_to_cms(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page and from there back to the CMS."""
    return _to_sign_in(request, default=reverse("wagtailadmin_home"))


def _to_sign_in(request: HttpRequest, default: str) -> HttpResponse:
    onwards = request.POST.get("next") or request.GET.get("next") or ""
    if not onwards or not get_adapter().is_safe_url(onwards):
        onwards = default
    address = resolve_url("account_login")
    return redirect(f"{address}?{urlencode({'next': onwards})}" if onwards else address)


@never_cache
def reset_password(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Redirect to the page that mails a link to choose a new password."""
    return redirect("account_reset_password")


@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Redirect to signing out. A POST stays a POST, so the CMS's own button signs out without another confirmation."""
    response = HttpResponseRedirect(reverse("account_logout"))
    if request.method == "POST":
        response.status_code = 307
    return response
