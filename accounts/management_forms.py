"""Forms of the pages under Management."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.audiences import Person
from accounts.forms import time_zones
from accounts.models import Circle, Organisation, Team, Unit, User
from accounts.roles import GRANTED, Role
from web.fields import RowField, RowsField, SearchField, WordsField


def places() -> list[tuple[str, Any]]:
    """Return organisations and their units as grouped choices: "o:3" is an organisation, "u:7" a unit."""
    units: dict[int, list[Unit]] = {}
    for unit in Unit.objects.order_by("path"):
        units.setdefault(unit.organisation_id, []).append(unit)
    groups: list[tuple[str, Any]] = [("", _("– nowhere –"))]
    for o in Organisation.objects.all():
        # Repeat the name of the organisation: a closed select shows only the option.
        below = [(f"u:{u.pk}", f"{o.label} {'›' * u.depth} {u.label}") for u in units.get(o.pk, [])]
        groups.append((o.label, [(f"o:{o.pk}", o.label), *below]))
    return groups


def read_place(value: str) -> tuple[Organisation, Unit | None] | None:
    """Return the organisation and unit of a choice from `places`, or None."""
    kind, _colon, pk = value.partition(":")
    if kind == "u":
        unit = Unit.objects.select_related("organisation").get(pk=pk)
        return unit.organisation, unit
    return (Organisation.objects.get(pk=pk), None) if kind == "o" else None


NAMES: dict[str, type[forms.Field]] = {"name": WordsField, "name_en": WordsField}


class InviteForm(forms.Form):
    """Form to invite somebody."""

    email = forms.EmailField(label=_("E-mail address"))
    place = forms.ChoiceField(label=_("Where they belong"), required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places()  # type: ignore[attr-defined]  # a choice field

    def clean_email(self) -> str:
        """Return the address if no account has it yet."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Somebody with this address already has an account."))
        return email

    def apply(self, *, by: Person) -> None:
        """Send the invitation."""
        data = self.cleaned_data
        place = read_place(data["place"]) or (None, None)
        actions.invite(by=by, email=data["email"], language=data["language"], organisation=place[0], unit=place[1])


class PersonForm(forms.Form):
    """Everything that administrators decide about a person. Without `person` it adds one."""

    name = WordsField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"))
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="Europe/Amsterdam")
    place = forms.ChoiceField(label=_("Organisation or unit"), required=False)
    place_2 = forms.ChoiceField(label=_("And also"), required=False)
    place_3 = forms.ChoiceField(label=_("And also"), required=False)
    teams = RowsField(Team.objects.all(), label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple)
    circles = RowsField(Circle.objects.all(), label=_("Circles"), required=False, widget=forms.CheckboxSelectMultiple)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=[(r.value, r.label) for r in GRANTED],
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)

    PLACES = ("place", "place_2", "place_3")

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        self.person = person
        if person is not None:
            kwargs["initial"] = self._current(person)
        super().__init__(*args, **kwargs)
        choices = places()
        for name in self.PLACES:
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
        if person is not None:
            del self.fields["email"]  # people change their own address and confirm it
        else:
            del self.fields["is_active"]

    def _current(self, person: User) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(person, name) for name in (*actions.PERSON_FIELDS, "is_active")}
        memberships = person.memberships.order_by("pk")
        for name, m in zip(self.PLACES, memberships, strict=False):
            values[name] = f"u:{m.unit_id}" if m.unit_id else f"o:{m.organisation_id}"
        values["teams"] = [row.team_id for row in person.team_memberships.all()]
        values["circles"] = [row.circle_id for row in person.circle_memberships.all()]
        values["roles"] = [row.role for row in person.role_grants.all()]
        return values

    def clean_email(self) -> str:
        """Return the address if no account has it yet."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Somebody with this address already has an account."))
        return email

    def clean(self) -> dict[str, Any]:
        """Check that each organisation has at most one place."""
        data = super().clean() or {}
        self.memberships: dict[Organisation, Unit | None] = {}
        for name in self.PLACES:
            if place := read_place(data.get(name) or ""):
                if place[0] in self.memberships:
                    self.add_error(name, _("Choose one place in each organisation."))
                self.memberships[place[0]] = place[1]
        if self.person is not None:  # keep the places beyond the form's three fields
            for m in self.person.memberships.order_by("pk").select_related("organisation", "unit")[len(self.PLACES) :]:
                self.memberships.setdefault(m.organisation, m.unit)
        return data

    def apply(self, *, by: Person) -> User | None:
        """Apply all changes in one transaction. If one is refused, nothing changes and its field shows the error."""
        try:
            with transaction.atomic():
                return self._apply(by)
        except ValidationError:
            return None

    def _apply(self, by: Person) -> User:
        data = self.cleaned_data
        person = self.person or actions.add_person(
            by=by, email=data["email"], name=data["name"], language=data["language"]
        )
        actions.change_profile(by=by, person=person, **{key: data[key] for key in actions.PERSON_FIELDS})
        actions.set_memberships(by=by, person=person, memberships=self.memberships)
        actions.set_teams(by=by, person=person, teams=data["teams"])
        actions.set_circles(by=by, person=person, circles=data["circles"])
        with self._errors_on("roles"):
            actions.set_roles(by=by, person=person, roles=data["roles"])
        if "is_active" in data:
            with self._errors_on("is_active"):
                actions.set_active(by=by, person=person, active=data["is_active"])
        return person

    def _errors_on(self, field: str) -> "_ErrorsOn":
        return _ErrorsOn(self, field)


class _ErrorsOn:
    """Context manager that adds a ValidationError to a field and lets it propagate."""

    def __init__(self, form: forms.BaseForm, field: str) -> None:
        self.form, self.field = form, field

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, ValidationError):
            self.form.add_error(self.field, error)


class PeopleFilter(forms.Form):
    """Filters for the list of people."""

    q = SearchField(label=_("Name or address"), required=False)
    organisation = RowField(Organisation.objects.all(), label=_("Organisation"), required=False, empty_label=_("all"))
    team = RowField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("all"))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])
    state = forms.ChoiceField(
        label=_("May sign in"), required=False, choices=[("", _("all")), ("yes", _("yes")), ("no", _("no"))]
    )

    def people(self) -> Any:
        """Return the people that match the valid filters."""
        data = self.cleaned_data if self.is_valid() else {}
        people = User.objects.all()
        if q := data.get("q"):
            people = people.filter(name__icontains=q) | people.filter(email__icontains=q)
        if organisation := data.get("organisation"):
            people = people.filter(memberships__organisation=organisation)
        if team := data.get("team"):
            people = people.filter(team_memberships__team=team)
        if role := data.get("role"):
            people = people.filter(role_grants__role=role)
        if state := data.get("state"):
            people = people.filter(is_active=state == "yes")
        return people.distinct()


class OrganisationForm(forms.ModelForm):
    """Form for an organisation."""

    class Meta:
        model = Organisation
        fields = ["name", "name_en", "kind"]
        field_classes = NAMES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("The kind cannot change: who may see what depends on it.")


class UnitForm(forms.ModelForm):
    """Form for a unit. It has the field `parent` only for a new unit."""

    parent = RowField(Unit.objects.none(), label=_("Part of"), required=False, empty_label=_("the organisation itself"))

    class Meta:
        model = Unit
        fields = ["name", "name_en"]
        field_classes = NAMES

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        if self.instance.pk:
            del self.fields["parent"]
        else:
            parent.queryset = Unit.objects.filter(organisation=organisation).order_by("path")  # type: ignore[attr-defined]  # a model choice


class TeamForm(forms.ModelForm):
    """Form for a team."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="Europe/Amsterdam")
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple, initial=["nl", "en"]
    )

    class Meta:
        model = Team
        fields = [
            "name",
            "name_en",
            "organisation",
            "parent",
            "description",
            "description_en",
            "time_zone",
            "country",
            "languages",
            "takes_chats",
        ]
        field_classes = NAMES | {"organisation": RowField, "parent": RowField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].empty_label = _("– not part of another team –")  # type: ignore[attr-defined]  # a model choice
        self.fields["organisation"].empty_label = _("Choose an organisation")  # type: ignore[attr-defined]  # the same
        if self.instance.pk:
            self.initial["languages"] = self.instance.languages.split(",")
            self.fields["parent"].queryset = Team.objects.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]  # the same

    def clean_languages(self) -> str:
        """Return the languages in the format of the model: "nl,en"."""
        return ",".join(self.cleaned_data["languages"])

    def clean_country(self) -> str:
        """Return two capital letters."""
        country: str = self.cleaned_data["country"].upper()
        if not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError(_("Two letters, such as NL."))
        return country

    def clean_parent(self) -> Team | None:
        """Return the parent team. Raise ValidationError if the team would be part of itself."""
        parent: Team | None = self.cleaned_data["parent"]
        above = parent
        while above is not None:
            if above.pk == self.instance.pk:
                raise ValidationError(_("A team cannot be part of itself."))
            above = above.parent
        return parent


class CircleForm(forms.ModelForm):
    """Form for a circle."""

    class Meta:
        model = Circle
        fields = ["name", "name_en"]
        field_classes = NAMES


class MemberForm(forms.Form):
    """Form to add somebody to a team or circle."""

    email = forms.EmailField(label=_("E-mail address of the person to add"))

    def clean_email(self) -> str:
        """Find the person by address."""
        self.person = User.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if self.person is None:
            raise ValidationError(_("Nobody here has this address. Add or invite them first, under People."))
        return self.person.email
