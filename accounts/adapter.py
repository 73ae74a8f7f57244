"""Who may register, and how allauth's mails go out."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from accounts import registration
from accounts.backends import open_door
from accounts.models import User
from web.limits import address_of


class AccountAdapter(DefaultAccountAdapter):
    """Follows the REGISTRATION setting; see accounts/registration.py."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor gets the registration form."""
        return registration.is_open(registration.invitation_of(request))

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Store name and language with the new person, and what their invitation promised."""
        if not self.is_email_verified(request, form.cleaned_data["email"]):
            # Otherwise allauth would put the invited address in the place of the one that was typed.
            self.unstash_verified_email(request)
        user.name = form.cleaned_data.get("name", "")
        user.language = form.cleaned_data.get("language") or translation.get_language() or settings.LANGUAGE_CODE
        super().save_user(request, user, form, commit)
        if commit:
            registration.welcome(user, registration.invitation_of(request))
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt. ValidationError, which the form shows, when there were too many."""
        super().pre_authenticate(request, **credentials)
        open_door(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that all limits of the product count."""
        return address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Home, in the language of the person."""
        with translation.override(request.user.language):  # type: ignore[union-attr]  # just signed in
            return reverse("wagtail_serve", args=[""])

    def format_email_subject(self, subject: str) -> str:
        """No prefix: the sender says who we are."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the person's language where we know it."""
        person = context.get("user") or User.objects.filter(email__iexact=email).first()
        with translation.override(getattr(person, "language", None) or translation.get_language()):
            super().send_mail(template_prefix, email, {"site_name": settings.WAGTAIL_SITE_NAME, **context})

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Under BASE_URL, whatever host the request named."""
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under BASE_URL, whatever host the request named."""
        uid, _dash, token = key.partition("-")
        return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The address that somebody signs in with stays."""
        return not email_address.primary and super().can_delete_email(email_address)
