"""Audit rows for signing in and out and for changed credentials, without passwords or mistyped addresses."""

from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit import record, record_counted
from accounts.models import User


def sign_in_failed(email: str) -> None:
    """Count a wrong password, for the account if the address belongs to one."""
    record_counted("accounts.sign_in_failed", User.objects.filter(email__iexact=email).first())


@receiver(signals.user_logged_in)
def signed_in(user: User, **_signal: Any) -> None:
    """Record a sign-in."""
    record("accounts.signed_in", by=user, target=user)


@receiver(user_logged_out)
def signed_out(user: User | None, **_signal: Any) -> None:
    """Record a sign-out; not if the session had ended already."""
    if user is not None:
        record("accounts.signed_out", by=user, target=user)


@receiver([signals.password_changed, signals.password_set])
def password_changed(user: User, **_signal: Any) -> None:
    """Record that somebody who is signed in chose another password."""
    record("accounts.password_changed", by=user, target=user)


@receiver(signals.password_reset)
def password_reset(user: User, **_signal: Any) -> None:
    """Record that the holder of a mailed link chose a password."""
    record("accounts.password_reset", by=None, target=user)


@receiver(signals.email_added)
def email_added(user: User, email_address: EmailAddress, **_signal: Any) -> None:
    """Record a new address that is not confirmed yet."""
    record("accounts.email_added", by=user, target=user, email=email_address.email)


@receiver(signals.email_confirmed)
def email_confirmed(request: HttpRequest, email_address: EmailAddress, **_signal: Any) -> None:
    """Record that the holder of a mailed link confirmed an address."""
    record("accounts.email_confirmed", by=request.user, target=email_address.user, email=email_address.email)


@receiver(signals.email_changed)
def email_changed(
    request: HttpRequest,
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_signal: Any,
) -> None:
    """Record that a confirmed address replaced another one."""
    if from_email_address is not None:
        addresses = {"before": from_email_address.email, "now": to_email_address.email}
        record("accounts.email_changed", by=request.user, target=user, **addresses)


@receiver(signals.email_removed)
def email_removed(user: User, email_address: EmailAddress, **_signal: Any) -> None:
    """Record that a new address was withdrawn before it was confirmed."""
    record("accounts.email_removed", by=user, target=user, email=email_address.email)
