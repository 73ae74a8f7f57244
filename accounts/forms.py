"""Forms of people about themselves."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import registration
from accounts.models import User


@cache  # finding them reads a folder tree
def time_zones() -> list[tuple[str, str]]:
    """All time zones with a place in their name."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix")))
    return [(name, name.replace("_", " ")) for name in names]


class SignupForm(AllauthSignupForm):
    """Registering: also a name and a language, and only with an address that may."""

    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["name", "email", "language", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()

    def clean_email(self) -> str:
        """The address, when REGISTRATION allows it."""
        email: str = super().clean_email()
        if not registration.accepts(email, registration.invitation_of(context.request)):
            if settings.REGISTRATION == "domain":
                raise forms.ValidationError(
                    _("Register with your work address, ending in %(domains)s."),
                    params={"domains": ", ".join(f"@{d.lstrip('@')}" for d in settings.REGISTRATION_DOMAINS)},
                )
            raise forms.ValidationError(_("Register with the address that you were invited at."))
        return email


class ProfileForm(forms.ModelForm):
    """What people say about themselves."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    class Meta:
        model = User
        fields = ["name", "job_title", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
