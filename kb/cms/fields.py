"""Form fields of the editors under /cms/ that replace Wagtail's."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

# Moments near the first and the last year that Python supports cannot be converted to every time zone.
FIRST_YEAR, LAST_YEAR = 1900, 2999


def _within(value: Any) -> Any:
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        text = _("Choose a year from %(first)s to %(last)s.")
        raise ValidationError(text, code="year", params={"first": FIRST_YEAR, "last": LAST_YEAR})
    return value


class DayField(forms.DateField):
    """A date within a plausible range of years."""

    def to_python(self, value: Any) -> Any:
        """Return the date. Raises ValidationError."""
        return _within(super().to_python(value))


class MomentField(forms.DateTimeField):
    """A date and time within the same range."""

    def to_python(self, value: Any) -> Any:
        """Return the moment. Raises ValidationError."""
        return _within(super().to_python(value))


def use() -> None:
    """Use these fields in all editors. Called once, when apps are ready."""
    register_form_field_override(models.DateField, override={"widget": AdminDateInput, "form_class": DayField})
    register_form_field_override(
        models.DateTimeField, override={"widget": AdminDateTimeInput, "form_class": MomentField}
    )
