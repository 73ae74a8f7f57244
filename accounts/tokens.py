"""Links to choose a password: after forgetting the old one, or for the first time."""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.db.models import F

from accounts.models import User

WELCOME_VALID = timedelta(days=14)  # long enough for a new colleague who is on holiday
_SALT = "accounts.welcome"


class ResetTokens(PasswordResetTokenGenerator):
    """Password reset tokens. Only a person's newest one works, for settings.PASSWORD_RESET_TIMEOUT seconds."""

    def make_token(self, user: User) -> str:
        """Return a new token and invalidate all earlier ones of the person."""
        User.objects.filter(pk=user.pk).update(reset_round=F("reset_round") + 1)
        user.refresh_from_db(fields=["reset_round"])
        return self.token_of_this_round(user)

    def token_of_this_round(self, user: User) -> str:
        """Return a token without invalidating others."""
        return super().make_token(user)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}|{user.reset_round}"


def make_welcome(person: User) -> str:
    """Return the signed value for the link in an added person's first mail, which lets them choose a password."""
    return signing.dumps(person.pk, salt=_SALT)


def read_welcome(signed: str) -> User | None:
    """Return the person of a welcome link, while it is not older than WELCOME_VALID and they have no password yet."""
    try:
        pk = signing.loads(signed, salt=_SALT, max_age=WELCOME_VALID)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person if person is not None and not person.has_usable_password() else None
