"""Form fields that accept any input without a database error.

Forms use these, never Django's ModelChoiceField (tests/test_architecture.py).
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from web.params import SEARCH_LENGTH, number, readable


class RowField(forms.ModelChoiceField):
    """A row, chosen by its primary key.

    A key that no row can have is an invalid choice and never a database error, whatever the type of the key column.
    """

    def to_python(self, value: Any) -> Any:
        """Return the row. Raise ValidationError."""
        if value not in self.empty_values and not isinstance(value, Model) and number(str(value)) is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(value)[:100]}
            )
        return super().to_python(value)


class RowsField(forms.ModelMultipleChoiceField):
    """Rows, chosen by their primary keys, with the check of `RowField`."""

    def clean(self, value: Any) -> Any:
        """Return the rows. Raise ValidationError."""
        for each in value if isinstance(value, list | tuple) else ():
            if number(str(each)) is None:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(each)[:100]}
                )
        return super().clean(value)


class SearchField(forms.CharField):
    """The search text of a list. Too long a text is truncated rather than refused."""

    def to_python(self, value: Any) -> str:
        """Return the text on one line, without NUL."""
        text = super().to_python(value) or ""
        return " ".join(text.replace("\0", " ")[:SEARCH_LENGTH].split())


class WordsField(forms.CharField):
    """A text with at least one visible character: text that only looks empty counts as empty."""

    def to_python(self, value: Any) -> Any:
        """Return the text, or the empty value if nothing in it is visible."""
        text = super().to_python(value)
        return text if readable(text or "") else self.empty_value


def require_readable(row: Model, *names: str) -> None:
    """Raise ValidationError for each of these fields whose value is not empty but has no visible character."""
    text = forms.Field.default_error_messages["required"]
    if unread := {name: text for name in names if (value := getattr(row, name)) and not readable(value)}:
        raise ValidationError(unread)
