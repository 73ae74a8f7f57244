"""Forms in which people register and change their own account."""

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
    """Return all time zones with a place in their name, sorted by place, labelled in the language of the page."""
    return _time_zones(get_language() or settings.LANGUAGE_CODE)


@cache  # finding them reads a directory tree, labelling them takes 0.3 s
def _time_zones(language: str) -> list[tuple[str, str]]:
    names = [name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix"))]
    locale, territories = Locale.parse(language, sep="-"), get_global("zone_territories")
    aliases, found = get_global("zone_aliases"), []
    for name in names:
        label = get_timezone_location(name, locale=locale, return_city=True).rpartition("/")[2]
        country = locale.territories.get(territories.get(aliases.get(name, name), ""), label)
        if country != label:
            label = f"{label} ({country})"
        # An alias, which somebody may have chosen, is shown after the place.
        found.append((name, f"{label} – {name}" if name in aliases else label))
    return sorted(found, key=lambda each: fold(each[1]))  # "Ålesund" sorts under A


class AddressTaken(Exception):
    """Somebody registered with this address, or used this invitation, while the form was being filled in."""


class SignupForm(AllauthSignupForm):
    """Registration form with a name and a language; checks whether the address may register."""

    name = WordsField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["name", "email", "language", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        _limit(self.fields["email"])

    def clean_email(self) -> str:
        """Return the address if REGISTRATION allows it."""
        email: str = super().clean_email()
        if not registration.accepts(email, registration.invitation_of(context.request)):
            if settings.REGISTRATION == "domain":
                raise forms.ValidationError(
                    _("Register with your work address, ending in %(domains)s."),
                    params={"domains": _list(registration.domains())},
                )
            raise forms.ValidationError(_("Register with the address that your invitation was sent to."))
        return email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Return the new person, or a response instead. Raise AddressTaken if somebody registered the address first."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])  # so that it takes as long as for a new address
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
    """Form to replace your address. Asks for the password again."""

    password = PasswordField(label=_("Your password"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        _limit(self.fields["email"])

    def clean_email(self) -> str:
        """Return the address if REGISTRATION allows it for this person."""
        email: str = super().clean_email()
        if not registration.may_change_to(self.user, email):
            raise forms.ValidationError(
                _("Choose an address ending in %(domains)s."),
                params={"domains": _list(registration.domains_for(self.user) or [])},
            )
        return email

    def clean_password(self) -> str:
        """Return the password if it is right."""
        return _own_password(self.user, self.cleaned_data["password"], "incorrect_password")


class ChangePasswordForm(AllauthChangePasswordForm):
    """Form to replace your password."""

    def clean_oldpassword(self) -> str:
        """Return the current password if it is right."""
        return _own_password(self.user, self.cleaned_data["oldpassword"], "enter_current_password")


class ResetPasswordForm(AllauthResetPasswordForm):
    """Form to get a link to choose a new password. Records whose account it was for."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Mail the link."""
        for person in self.users:
            record_counted("accounts.password_reset_asked", person)
        return str(super().save(request, **kwargs))


def _own_password(person: Any, password: str, wrong: str) -> str:
    """Return the password if it is this person's. A wrong one counts as a failed sign-in."""
    if not get_adapter().reauthenticate(person, password):
        raise get_adapter().validation_error(wrong)
    return password


def _limit(field: forms.Field) -> None:
    """Limit the field to the length of the column: allauth's own field accepts more, which PostgreSQL refuses."""
    longest = User._meta.get_field("email").max_length or 254
    field.validators.append(MaxLengthValidator(longest))
    field.widget.attrs["maxlength"] = str(longest)


def _list(domains: list[str]) -> str:
    return ", ".join(f"@{domain}" for domain in domains)


class ProfileForm(forms.ModelForm):
    """Form for your own profile."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    class Meta:
        model = User
        fields = ["name", "job_title", "language", "time_zone"]
        field_classes: ClassVar = {"name": WordsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
