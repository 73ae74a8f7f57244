"""Forms of people about themselves."""

from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import registration
from accounts.audit import record_counted
from accounts.models import User
from search.language.tokens import fold
from web.fields import WordsField


def time_zones() -> list[tuple[str, str]]:
    """All time zones with a place in their name, by place and country in the language of the page."""
    return _time_zones(get_language() or settings.LANGUAGE_CODE)


@cache  # finding them reads a folder tree, naming them takes .3 s
def _time_zones(language: str) -> list[tuple[str, str]]:
    names = [name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix"))]
    locale, territories = Locale.parse(language, sep="-"), get_global("zone_territories")
    aliases, found = get_global("zone_aliases"), []
    for name in names:
        label = get_timezone_location(name, locale=locale, return_city=True).rpartition("/")[2]
        country = locale.territories.get(territories.get(aliases.get(name, name), ""), label)
        if country != label:
            label = f"{label} ({country})"
        # Another name of a place, that somebody may have chosen, stands behind it.
        found.append((name, f"{label} – {name}" if name in aliases else label))
    return sorted(found, key=lambda each: fold(each[1]))  # "Ålesund" is found at A


class AddressTaken(Exception):
    """Somebody registered with this address, or used this invitation, while its holder filled in the form."""


class SignupForm(AllauthSignupForm):
    """Registering: also a name and a language, and only with an address that may."""

    name = WordsField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["name", "email", "language", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        _limit(self.fields["email"])

    def clean_email(self) -> str:
        """The address, when REGISTRATION allows it."""
        email: str = super().clean_email()
        if not registration.accepts(email, registration.invitation_of(context.request)):
            if settings.REGISTRATION == "domain":
                raise forms.ValidationError(
                    _("Register with your work address, ending in %(domains)s."),
                    params={"domains": _list(registration.domains())},
                )
            raise forms.ValidationError(_("Register with the address that you were invited at."))
        return email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new person, or a response in their place. Raises AddressTaken when somebody was a moment faster."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])  # takes as long as for a new address
        try:
            with transaction.atomic():
                user, response = super().try_save(request)
                return user, response
        except registration.InvitationGone as gone:
            raise AddressTaken from gone
        except IntegrityError as refused:
            if not User.objects.filter(email__iexact=self.cleaned_data["email"]).exists():
                raise
            raise AddressTaken from refused


class ChangeEmailForm(AllauthAddEmailForm):
    """Another address instead of the present one. Asks for the password again."""

    password = PasswordField(label=_("Your password"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        _limit(self.fields["email"])

    def clean_email(self) -> str:
        """The address, when REGISTRATION allows it to this person."""
        email: str = super().clean_email()
        if not registration.may_change_to(self.user, email):
            raise forms.ValidationError(
                _("Choose an address ending in %(domains)s."),
                params={"domains": _list(registration.domains_for(self.user) or [])},
            )
        return email

    def clean_password(self) -> str:
        """The person's own."""
        return _own_password(self.user, self.cleaned_data["password"], "incorrect_password")


class ChangePasswordForm(AllauthChangePasswordForm):
    """Another password instead of the present one."""

    def clean_oldpassword(self) -> str:
        """The present one."""
        return _own_password(self.user, self.cleaned_data["oldpassword"], "enter_current_password")


class ResetPasswordForm(AllauthResetPasswordForm):
    """Asking for a link to choose a new password; whose account it is for is written down."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Mail the link."""
        for person in self.users:
            record_counted("accounts.password_reset_asked", person)
        return str(super().save(request, **kwargs))


def _own_password(person: Any, password: str, wrong: str) -> str:
    """The password, when it is this person's. A wrong one counts as a failed sign-in."""
    if not get_adapter().reauthenticate(person, password):
        raise get_adapter().validation_error(wrong)
    return password


def _limit(field: forms.Field) -> None:
    """No longer than the column: allauth's own field takes more, which PostgreSQL refuses."""
    longest = User._meta.get_field("email").max_length or 254
    field.validators.append(MaxLengthValidator(longest))
    field.widget.attrs["maxlength"] = str(longest)


def _list(domains: list[str]) -> str:
    return ", ".join(f"@{domain}" for domain in domains)


class ProfileForm(forms.ModelForm):
    """What people say about themselves."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    class Meta:
        model = User
        fields = ["name", "job_title", "language", "time_zone"]
        field_classes: ClassVar = {"name": WordsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
