"""The editors of pictures and documents: more readers only after a yes to exactly that."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.images import get_image_dimensions
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from accounts.widening_form import WideningForm
from files.models import Picture, drawn


class LargestFile:
    """Tells static/js/field-length.js how large a file may be, so that it is said before all of it was sent."""

    largest = ""  # the setting

    class Media:
        js = ("js/field-length.js",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):  # type: ignore[attr-defined]  # a mixin of forms
            most = getattr(settings, self.largest)
            text = _("This file is larger than %(size)s. Choose a smaller one; everything else stays.")
            field.widget.attrs |= {"data-largest": most, "data-too-large": text % {"size": filesizeformat(most)}}


_FILE: Any = Picture._meta.get_field("file")


class PictureField(WagtailImageField):
    """A picture that can be drawn. Whatever the libraries raise while they read a broken one is said beside it."""

    def to_python(self, data: Any) -> Any:
        """The upload. Raises ValidationError."""
        try:
            file = super().to_python(data)
            if file is not None:
                drawn(file)
                get_image_dimensions(file)  # the model does, where nothing is caught
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error
        return file


class PictureForm(LargestFile, WideningForm, BaseImageForm):
    """Of a picture."""

    file = PictureField(label=capfirst(_FILE.verbose_name), widget=BaseImageForm.Meta.widgets["file"])

    largest = "WAGTAILIMAGES_MAX_UPLOAD_SIZE"


class AttachmentForm(LargestFile, WideningForm, BaseDocumentForm):
    """Of a document."""

    largest = "WAGTAILDOCS_MAX_UPLOAD_SIZE"
