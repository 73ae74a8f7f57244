"""Our allauth adapter: who may register, limits on sign-in, and how allauth's mails are sent."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils import translation

from accounts import registration, sign_in_limits
from accounts.backends import allow_password_check, people_with
from accounts.models import User
from accounts.sign_ins import sign_in_failed
from web import limits
from web.addresses import local_url
from web.limits import address_of
from web.mailboxes import mailbox

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Adapter that follows the REGISTRATION setting; see accounts/registration.py."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return True if this visitor gets the registration form."""
        return registration.is_open(registration.invitation_of(request))

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Store name and language with the new person, and apply their invitation."""
        if not self.is_email_verified(request, form.cleaned_data["email"]):
            # Otherwise allauth would replace the typed address with the invited one.
            self.unstash_verified_email(request)
        user.name = form.cleaned_data.get("name", "")
        user.language = form.cleaned_data.get("language") or translation.get_language() or settings.LANGUAGE_CODE
        super().save_user(request, user, form, commit)
        if commit:
            registration.welcome(user, registration.invitation_of(request))
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt. Raise TooManyAttempts, which the form shows, when there were too many.

        A refused attempt is not counted: whoever keeps trying a locked account must not lock out colleagues who share
        their network address.
        """
        too_many = sign_in_limits.refusal(request, self._get_login_attempts_cache_key(request, **credentials))
        if too_many is not None:
            raise too_many
        super().pre_authenticate(request, **credentials)
        allow_password_check(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record the failed sign-in in the audit log."""
        sign_in_failed(str(credentials.get("email", "")))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth prefixes the Host header: each other host name or port would get its own count of attempts.
        return str(credentials.get("email", "")).lower()

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the network address that all our rate limits count."""
        return address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the home page in the person's language."""
        with translation.override(request.user.language):  # type: ignore[union-attr]  # just signed in
            return reverse("wagtail_serve", args=[""])

    def is_safe_url(self, url: str | None) -> bool:
        """Return True if `next` leads to a page of this site."""
        return bool(local_url(url))

    def format_email_subject(self, subject: str) -> str:
        """Return the subject without a prefix: the sender already names the site."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail in the person's language, if known.

        Anybody may type an address, so each address gets a limited number of mails a day. Mails above the limit are
        dropped without a message: the answer must not show whether the address is known here.
        """
        try:
            limits.take("mail.address", f"mail:{mailbox(email)}")
        except limits.TooMany:
            logger.info("no mail of %s: that address got enough today", template_prefix)
            return
        person = context.get("user") or User.objects.filter(email__iexact=email).first()
        ours = {
            "site_name": settings.WAGTAIL_SITE_NAME,
            "base_url": settings.BASE_URL,
            "reset_hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            "administrators": people_with("accounts.manage_people").order_by("name", "pk")[
                :2
            ],  # lazy: only some mails name them
        }
        language = getattr(person, "language", None) or translation.get_language()
        # The links are in the language of the page; the mail may be in another one.
        links = {name: translate_url(value, language) for name, value in context.items() if name.endswith("_url")}
        with translation.override(language):
            super().send_mail(template_prefix, email, ours | context | links)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Mail somebody what changed in their account. Withdrawing a new address sends no mail."""
        if template_prefix != "account/email/email_deleted":
            super().send_notification_mail(template_prefix, user, {"user": user, **(context or {})}, email)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address. Return False, with a message, if it belongs to somebody else or is not allowed."""
        person = User.objects.get(pk=email_address.user_id)
        changes = email_address.email.lower() != person.email.lower()
        if not changes or registration.may_change_to(person, email_address.email):
            try:
                with transaction.atomic():
                    return bool(super().confirm_email(request, email_address))
            except IntegrityError:  # somebody registered with it and has not confirmed it
                email_address.refresh_from_db()
        failed = "account/messages/email_confirmation_failed.txt"
        self.add_message(request, messages.ERROR, failed, {"email": email_address.email})
        return False

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return an absolute URL under BASE_URL, whatever host the request named."""
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return an absolute URL under BASE_URL, whatever host the request named."""
        uid, _dash, token = key.partition("-")
        return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Return True for a new address that is not yet confirmed. The sign-in address cannot be deleted."""
        return not email_address.primary and not email_address.verified
