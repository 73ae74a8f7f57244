"""Pictures and documents, each with its own audience."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from accounts.fields import AudienceField
from accounts.widening import Audienced
from files.metadata import MOST_FRAMES, BrokenPicture, UnknownPicture, extent, stripped
from files.sniffing import is_what_it_says
from web.fields import require_readable


def check_type(file: Any) -> None:
    """Raise ValidationError on the field `file` if a new file is not of the type that its name says."""
    # `file` is a FieldFile of Wagtail's abstract classes, which the type checker does not know as such.
    if file and not file._committed and not is_what_it_says(file.name or "", file.file):
        ending = (file.name or "").rpartition(".")[2].upper()
        text = _("This is not a %(ending)s file, whatever its name says. Save it as %(ending)s and send it again.")
        raise ValidationError({"file": ValidationError(text, code="type", params={"ending": ending})})


def too_much(file: Any) -> ValidationError | None:
    """Return the error for a picture that would take too much memory or time to decode, or None.

    It counts the pixels of all frames together, and the frames. Wagtail's own check counts one frame of an animation.
    """
    pixels, frames = extent(file)
    if frames > MOST_FRAMES:
        text = _("This animation is too long: %(most)s frames at most.")
        return ValidationError(text, code="frames", params={"most": MOST_FRAMES})
    if pixels > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
        text = _("This picture is too large: %(most)s million pixels at most, counting all frames.")
        most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000
        return ValidationError(text, code="pixels", params={"most": most})
    return None


def drawn(file: Any) -> ContentFile:
    """Return an uploaded picture re-encoded.

    The result is cached on the file, since both form field and model ask for it.

    Raise ValidationError for one that cannot be decoded or would cost too much.
    """
    if made := getattr(file, "_drawn", None):
        return made
    if problem := too_much(file):
        raise problem
    try:
        file._drawn = stripped(file)
    except (UnknownPicture, BrokenPicture) as error:
        text = _("This picture is damaged or was not uploaded completely. Save it again and upload it once more.")
        raise ValidationError(text, code="broken") from error
    return file._drawn


def check_picture(file: Any) -> None:
    """Raise ValidationError on the field `file` if a new picture cannot be decoded."""
    if file and not file._committed:
        try:
            drawn(file.file)
        except ValidationError as error:
            raise ValidationError({"file": error}) from error


class Picture(Audienced, AbstractImage):
    """A picture in the media library."""

    audience = AudienceField(null=True, blank=True, help_text=_("Nothing chosen: everybody who may see the page."))
    admin_form_fields = (*Image.admin_form_fields, "audience")
    search_auto_update = False
    audience_fields: ClassVar[tuple[str, ...]] = ("audience",)
    widen_permission: ClassVar[str] = "files.widen_audience"

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def clean(self) -> None:
        """Check that the file is a valid picture of its type, and that the title has a visible character."""
        super().clean()
        require_readable(self, "title")
        check_type(self.file)
        check_picture(self.file)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new file without the camera's metadata."""
        file: Any = self.file  # type: ignore[has-type]  # a field of the abstract class, unknown to the plugin
        if file and not file._committed:
            check_type(file)
            check_picture(file)
            clean = drawn(file.file)
            clean.name = file.name
            self.file = clean
            self.file_size = clean.size
        super().save(*args, **kwargs)


class PictureRendition(AbstractRendition):
    """One size of a picture."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="unique_rendition")
        ]

    @property
    def url(self) -> str:
        """Return the URL at which `files.views.rendition` serves it to whoever may see the picture."""
        return reverse("files:rendition", args=[self.pk, self.file.name.rpartition("/")[2]])


class Attachment(Audienced, AbstractDocument):
    """A document in the media library. Served by `files.views.document` under /documents/."""

    audience = AudienceField(null=True, blank=True, help_text=_("Nothing chosen: everybody who may see the page."))
    admin_form_fields = (*Document.admin_form_fields, "audience")
    search_auto_update = False
    audience_fields: ClassVar[tuple[str, ...]] = ("audience",)
    widen_permission: ClassVar[str] = "files.widen_audience"

    class Meta(AbstractDocument.Meta):
        pass

    def clean(self) -> None:
        """Check that the file is of its type, and that the title has a visible character."""
        super().clean()
        require_readable(self, "title")
        check_type(self.file)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new file only if it is of the type that its name says. Raise ValidationError."""
        # Wagtail's editor saves the file size while it shows a refused file.
        if "file" in (kwargs.get("update_fields") or ["file"]):
            check_type(self.file)
        super().save(*args, **kwargs)


Stored = Picture | Attachment
