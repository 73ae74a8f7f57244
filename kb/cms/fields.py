"""Fields of the editors under /cms/, in place of Wagtail's."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

# Moments near the first and the last year that Python knows cannot be told in every time zone.
FIRST_YEAR, LAST_YEAR = 1900, 2999


def _within(value: Any) -> Any:
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        text = _("Choose a year from %(first)s to %(last)s.")
        raise ValidationError(text, code="year", params={"first": FIRST_YEAR, "last": LAST_YEAR})
    return value


class DayField(forms.DateField):
    """A day of a year that people mean."""

    def to_python(self, value: Any) -> Any:
        """The day. Raises ValidationError."""
        return _within(super().to_python(value))


class MomentField(forms.DateTimeField):
    """A day of such a year, and a time."""

    def to_python(self, value: Any) -> Any:
        """The moment. Raises ValidationError."""
        return _within(super().to_python(value))


def use() -> None:
    """Called once, when apps are ready: every editor has these."""
    register_form_field_override(models.DateField, override={"widget": AdminDateInput, "form_class": DayField})
    register_form_field_override(
        models.DateTimeField, override={"widget": AdminDateTimeInput, "form_class": MomentField}
    )
