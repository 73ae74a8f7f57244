"""Pictures lose what cameras and programs write into them: places, names, serial numbers, what hangs behind the end."""

import io
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90},
    "GIF": {"optimize": True},
}
_MOVING = ("GIF", "WEBP")  # Wagtail refuses moving PNGs


class UnknownPicture(ValueError):
    """A picture of a format that is not kept."""


def pixels(file: Any) -> int:
    """The pixels of a picture, of all its frames that are kept together; nothing is decoded. 0 for what is none."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            frames = getattr(image, "n_frames", 1) if image.format in _MOVING else 1
            return image.width * image.height * frames
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 0  # what it is instead is told by `files.sniffing`
    finally:
        file.seek(0)


def stripped(file: File) -> ContentFile:
    """The picture drawn anew: upright, still moving if it moved, with its colour profile and nothing else.

    Raises UnknownPicture for other formats than JPEG, PNG, WebP and GIF, and OSError for a broken file.
    """
    file.seek(0)
    out = io.BytesIO()
    with Image.open(file) as image:
        kind = "JPEG" if image.format == "MPO" else image.format or ""
        if kind not in _OPTIONS:
            raise UnknownPicture(kind)
        profile = image.info.get("icc_profile")
        if kind in _MOVING and getattr(image, "is_animated", False):
            _save_moving(image, kind, out, profile)
        else:
            clean = _bare(ImageOps.exif_transpose(image))  # a copy already; a second one takes 150 MB of a large photo
            clean.save(out, kind, icc_profile=profile, **_OPTIONS[kind])
    return ContentFile(out.getvalue(), name=file.name)


def _bare(image: Image.Image) -> Image.Image:
    image.info = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    return image


def _save_moving(image: Image.Image, kind: str, out: io.BytesIO, profile: bytes | None) -> None:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100)))
        frames.append(_bare(frame.copy()))
    motion: dict[str, Any] = {"duration": durations, "loop": int(image.info.get("loop", 0))}
    if profile:
        motion["icc_profile"] = profile
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], **motion, **_OPTIONS[kind])
