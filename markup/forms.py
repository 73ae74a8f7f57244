"""The form field for Markdown."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from .text import MAX_LENGTH, shows_something


class MarkdownTextarea(forms.Textarea):
    """A textarea with `data-markdown`, which the editor element looks for."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 8, "data-markdown": "", **(attrs or {})})


class MarkdownField(forms.CharField):
    """Markdown of at most `max_length` characters, a line end counting as one. Cleans to the Markdown as written.

    A required field must have visible content.
    """

    widget = MarkdownTextarea

    default_error_messages: ClassVar = {
        "max_length": _("This text has %(show_value)d characters; at most %(limit_value)d fit. Please shorten it."),
    }

    too_long = _("Too long by {over} characters. Shorten it or split it; nothing is lost.")

    def __init__(self, *, max_length: int = MAX_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        # CharField's validator uses Django's own message instead of the field's.
        self._say_limit(max_length)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # No maxlength: browsers silently truncate pasted text. static/js/field-length.js warns while somebody types,
        # and validation reports the error and keeps the text.
        attrs = {key: value for key, value in super().widget_attrs(widget).items() if key != "maxlength"}
        return attrs | {"data-longest": self.max_length, "data-too-long": self.too_long}

    def to_python(self, value: Any) -> Any:
        # Browsers send CRLF; a line end counts as one character.
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if self.required and not shows_something(value):
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def _say_limit(self, max_length: int) -> None:
        for validator in self.validators:
            if isinstance(validator, MaxLengthValidator) and validator.limit_value == max_length:
                validator.message = self.error_messages["max_length"]
