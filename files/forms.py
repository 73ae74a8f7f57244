"""The editors of pictures and documents: more readers only after a yes to exactly that."""

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from accounts.widening_form import WideningForm


class PictureForm(WideningForm, BaseImageForm):
    """Of a picture."""


class AttachmentForm(WideningForm, BaseDocumentForm):
    """Of a document."""
