"""Middleware: the viewer of a request, and confirmation of wider audiences in Wagtail's editor."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import audit
from accounts.audiences import viewer_for
from accounts.visitors import COOKIE, read_token
from accounts.widening_form import WideningForm


class ViewerMiddleware:
    """Set `request.viewer` lazily, and use the time zone of whoever is signed in.

    A signed cookie identifies visitors. It is deleted when they sign in: what belonged to the visitor then belongs to
    the person.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]  # our addition to the request
            lambda: viewer_for(request.user, read_token(request.COOKIES.get(COOKIE, "")))
        )
        with audit.acting(lambda: request.user):
            if SESSION_KEY not in request.session:
                response = self.get_response(request)
            else:
                with timezone.override(getattr(request.user, "time_zone", None)):
                    response = self.get_response(request)
        if getattr(request, "visitor_signed_in", False):
            response.delete_cookie(COOKIE, samesite="Lax")
        return response


class WideningMiddleware:
    """Show the confirmation of a wider audience at the top of Wagtail's editor, instead of "could not be saved"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Replace the error messages with the confirmation."""
        context = response.context_data or {}
        form, locked = context.get("form"), context.get("page_locked") or context.get("locked_for_user")
        if isinstance(form, WideningForm) and form.asked and not form.prefix and not locked:
            queued: Any = messages.get_messages(request)
            queued._queued_messages = [message for message in queued._queued_messages if message.level < messages.ERROR]
            messages.warning(request, form.asked)
        return response
