"""The editors of pictures and documents: more readers only after a yes to exactly that."""

from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from accounts.widening_form import WideningForm


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


class PictureForm(LargestFile, WideningForm, BaseImageForm):
    """Of a picture."""

    largest = "WAGTAILIMAGES_MAX_UPLOAD_SIZE"


class AttachmentForm(LargestFile, WideningForm, BaseDocumentForm):
    """Of a document."""

    largest = "WAGTAILDOCS_MAX_UPLOAD_SIZE"
