"""The model field for an audience, and its form field."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import models
from django.forms.widgets import Script
from django.utils.translation import gettext_lazy as _

from accounts import audiences
from accounts.keys import parts


def general() -> dict[str, str]:
    """Return the audiences that are not a group: key and label."""
    return {
        audiences.PUBLIC: str(_("Everyone, even without signing in")),
        audiences.EMPLOYEES: str(_("All employees")),
        audiences.STAFF: str(_("Staff of the Shared Service Center")),
    }


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all audiences that can be chosen, in groups: key and label."""
    from accounts.models import Circle, Organisation, Team, Unit

    groups = [
        (str(_("General")), list(general().items())),
        (str(_("Organisations")), [(audiences.organisation(o.pk), o.label) for o in Organisation.objects.all()]),
        (
            str(_("Units")),
            [
                (audiences.unit(u.pk), f"{u.organisation.label} · {u.label}")
                for u in Unit.objects.select_related("organisation")
            ],
        ),
        (str(_("Teams")), [(audiences.team(t.pk), t.label) for t in Team.objects.all()]),
        (str(_("Circles")), [(audiences.circle(c.pk), c.label) for c in Circle.objects.all()]),
    ]
    return [(name, members) for name, members in groups if members]


def labels() -> dict[str, str]:
    """Return the label of every key that can be chosen. Four queries."""
    return {key: label for _group, pairs in choices() for key, label in pairs}


def describe(keys: Iterable[str], known: Mapping[str, str] | None = None) -> list[str]:
    """Return the labels of keys for display, without people and visitors. `known` saves the queries of `labels()`."""
    known = labels() if known is None else known
    return [_label(key, known) for key in sorted(keys) if parts(key)[0] in known]


def _label(key: str, known: Mapping[str, str]) -> str:
    one, general = parts(key)
    if general == audiences.STAFF:
        return _("%(group)s, as far as they are staff of the Shared Service Center") % {"group": known[one]}
    if general == audiences.EMPLOYEES:
        return _("%(group)s, as far as they are employees") % {"group": known[one]}
    return known[one]


class AudienceChoice(forms.CheckboxSelectMultiple):
    """Checkboxes. In Wagtail's editors with the script that asks for confirmation before more people can read a row."""

    @property
    def media(self) -> forms.Media:
        """Return the confirmation script and its style sheet."""
        return forms.Media(
            js=[Script("js/cms-readers.js", type="module")],  # type: ignore[list-item]  # Django 5.2 takes them
            css={"all": ["css/cms-readers.css"]},
        )


class AudienceFormField(forms.MultipleChoiceField):
    """Form field for any of the known audiences. Cleans to an Audience row."""

    widget = AudienceChoice

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for ours in ("queryset", "to_field_name", "limit_choices_to", "blank"):
            kwargs.pop(ours, None)  # what a ForeignKey passes to its form field
        super().__init__(*args, choices=choices, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        from accounts.models import Audience

        if isinstance(value, int):
            value = Audience.objects.filter(pk=value).first()
        return sorted({parts(key)[0] for key in value.key_set}) if isinstance(value, Audience) else value

    def clean(self, value: Any) -> Any:
        from accounts.models import Audience

        keys = super().clean(self.prepare_value(value))
        return Audience.objects.of(keys) if keys else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(self.prepare_value(initial) or []) != set(data or [])


class AudienceField(models.ForeignKey):
    """The foreign key to a row's audience."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("to", "accounts.Audience")
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("verbose_name", _("who may see this"))
        super().__init__(**kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(
            self, form_class=AudienceFormField, choices_form_class=AudienceFormField, **kwargs
        )
