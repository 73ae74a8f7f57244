"""Links by which somebody chooses a password: after forgetting the old one, or for the first time."""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.db.models import F

from accounts.models import User

WELCOME_VALID = timedelta(days=14)  # a new colleague reads it after the holidays
_SALT = "accounts.welcome"


class ResetTokens(PasswordResetTokenGenerator):
    """Tokens of which only the newest of a person works, for settings.PASSWORD_RESET_TIMEOUT seconds."""

    def make_token(self, user: User) -> str:
        """A new token; all earlier ones of the person end."""
        User.objects.filter(pk=user.pk).update(reset_round=F("reset_round") + 1)
        user.refresh_from_db(fields=["reset_round"])
        return self.token_of_this_round(user)

    def token_of_this_round(self, user: User) -> str:
        """A token that ends no other one."""
        return super().make_token(user)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}|{user.reset_round}"


def make_welcome(person: User) -> str:
    """What the first mail to an added person carries: it leads to a page that chooses their first password."""
    return signing.dumps(person.pk, salt=_SALT)


def read_welcome(signed: str) -> User | None:
    """The person of a welcome link, while it is not older than WELCOME_VALID and they never chose a password."""
    try:
        pk = signing.loads(signed, salt=_SALT, max_age=WELCOME_VALID)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return person if person is not None and not person.has_usable_password() else None
