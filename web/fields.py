"""Form fields that take any input. Forms use these, never Django's ModelChoiceField (tests/test_architecture.py)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from web.params import SEARCH_LENGTH, number, readable


class RowField(forms.ModelChoiceField):
    """A row, chosen by its primary key. A key that no row can have is an invalid choice, never an error of the
    database, whatever kind of column the key is."""

    def to_python(self, value: Any) -> Any:
        """The row. Raises ValidationError."""
        if value not in self.empty_values and not isinstance(value, Model) and number(str(value)) is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(value)[:100]}
            )
        return super().to_python(value)


class RowsField(forms.ModelMultipleChoiceField):
    """Rows, chosen by their primary keys, as `RowField` chooses one."""

    def clean(self, value: Any) -> Any:
        """The rows. Raises ValidationError."""
        for each in value if isinstance(value, list | tuple) else ():
            if number(str(each)) is None:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(each)[:100]}
                )
        return super().clean(value)


class SearchField(forms.CharField):
    """What a list is searched for, cut rather than refused."""

    def to_python(self, value: Any) -> str:
        """The text in one line, without NUL."""
        text = super().to_python(value) or ""
        return " ".join(text.replace("\0", " ")[:SEARCH_LENGTH].split())


class WordsField(forms.CharField):
    """A text in which there is something to read: what only looks empty is empty."""

    def to_python(self, value: Any) -> Any:
        """The text; what stands for none when it shows nothing."""
        text = super().to_python(value)
        return text if readable(text or "") else self.empty_value


def require_readable(row: Model, *names: str) -> None:
    """Raise ValidationError beside each of these fields in which something stands of which nothing shows."""
    text = forms.Field.default_error_messages["required"]
    if unread := {name: text for name in names if (value := getattr(row, name)) and not readable(value)}:
        raise ValidationError(unread)
