"""Our versions of allauth's views: too many attempts, simultaneous registration, changed address or password."""

from typing import Any

from allauth.account.views import EmailView, LoginView, PasswordChangeView, ReauthenticateView, SignupView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.forms import AddressTaken, ChangeEmailForm, SignupForm
from accounts.sign_in_limits import with_retry_after


class LimitedAttempts:
    """Mixin for allauth's views with a form that checks a password. Place it before the view in the bases."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Return the form again, with status 429 after too many attempts."""
        return with_retry_after(form, super().form_invalid(form))  # type: ignore[misc]  # a mixin of views


class SignIn(LimitedAttempts, LoginView):
    """Sign in."""


class SignUp(SignupView):
    """Register. Status 409 if somebody else registered the same address or used the same invitation just before."""

    def form_valid(self, form: SignupForm) -> HttpResponse:
        """Return the next page, or the form again."""
        try:
            return super().form_valid(form)
        except AddressTaken:
            form.add_error("email", _("Someone registered with this address just now. Was it you? Then sign in."))
            response = self.form_invalid(form)
            response.status_code = 409
            return response


class ChangePassword(LimitedAttempts, PasswordChangeView):
    """Change your password, given the current one."""


class Reauthenticate(LimitedAttempts, ReauthenticateView):
    """Ask for the password again."""


class ChangeEmail(EmailView):
    """Your own address: enter a new one, resend its mail, or withdraw it."""

    def form_invalid(self, form: ChangeEmailForm) -> HttpResponse:
        """Return the form again, with status 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return with_retry_after(form, response)

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Do nothing: an address changes by confirming a new one, for which the password is asked."""
