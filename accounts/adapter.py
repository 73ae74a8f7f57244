"""Who may register."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Follows the REGISTRATION setting."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether the registration page is there at all."""
        return settings.REGISTRATION != "nobody"
