"""Editor forms of pictures and documents, with a confirmation before more people can read one."""

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
    """Mixin that tells static/js/field-length.js the largest file size, so that it warns before the upload."""

    largest = ""  # name of the setting

    class Media:
        js = ("js/field-length.js",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):  # type: ignore[attr-defined]  # a mixin of forms
            most = getattr(settings, self.largest)
            text = _("This file is larger than %(size)s. Choose a smaller one; everything else you entered stays.")
            field.widget.attrs |= {"data-largest": most, "data-too-large": text % {"size": filesizeformat(most)}}


_FILE: Any = Picture._meta.get_field("file")


class PictureField(WagtailImageField):
    """An image field for pictures that can be decoded.

    Any error while reading a broken one is shown as a form error.
    """

    def to_python(self, data: Any) -> Any:
        """Return the upload. Raise ValidationError."""
        try:
            file = super().to_python(data)
            if file is not None:
                drawn(file)
                get_image_dimensions(file)  # the model calls it too, and catches nothing
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error
        return file


class PictureForm(LargestFile, WideningForm, BaseImageForm):
    """Form for a picture."""

    file = PictureField(label=capfirst(_FILE.verbose_name), widget=BaseImageForm.Meta.widgets["file"])

    largest = "WAGTAILIMAGES_MAX_UPLOAD_SIZE"


class AttachmentForm(LargestFile, WideningForm, BaseDocumentForm):
    """Form for a document."""

    largest = "WAGTAILDOCS_MAX_UPLOAD_SIZE"
