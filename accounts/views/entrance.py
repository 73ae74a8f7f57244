"""allauth's pages where ours differ: too many attempts, registering as somebody else does, changing one's address or
password."""

from typing import Any

from allauth.account.views import EmailView, LoginView, PasswordChangeView, ReauthenticateView, SignupView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.attempts import answered
from accounts.forms import AddressTaken, ChangeEmailForm, SignupForm


class Attempted:
    """Before one of allauth's views in the bases, whose form looks at a password."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, with status 429 after too many attempts."""
        return answered(form, super().form_invalid(form))  # type: ignore[misc]  # a mixin of views


class SignIn(Attempted, LoginView):
    """Signing in."""


class SignUp(SignupView):
    """Registering. Who is a moment later than somebody else with the same address or invitation is told so (409)."""

    def form_valid(self, form: SignupForm) -> HttpResponse:
        """On to what follows, or the form again."""
        try:
            return super().form_valid(form)
        except AddressTaken:
            form.add_error("email", _("Someone registered with this address just now. Was it you? Then sign in."))
            response = self.form_invalid(form)
            response.status_code = 409
            return response


class ChangePassword(Attempted, PasswordChangeView):
    """Another password, for who knows the present one."""


class Reauthenticate(Attempted, ReauthenticateView):
    """The password once more."""


class ChangeEmail(EmailView):
    """One's own address: giving a new one, having its mail sent again, withdrawing it."""

    def form_invalid(self, form: ChangeEmailForm) -> HttpResponse:
        """The form again, with status 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return answered(form, response)

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing: addresses change by confirming a new one, for which the password is asked."""
