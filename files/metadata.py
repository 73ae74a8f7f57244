"""Remove metadata from pictures: place, name, serial number, and data after the end of the image."""

import io
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps, ImageSequence

_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90},
    "GIF": {"optimize": True},
}
_MOVING = ("GIF", "WEBP")  # Wagtail refuses animated PNGs


MOST_FRAMES = 1_000  # of an animation: each frame costs time, however small it is


class UnknownPicture(ValueError):
    """A picture in a format that we do not store."""


class BrokenPicture(ValueError):
    """A file that cannot be decoded completely."""


def extent(file: Any) -> tuple[int, int]:
    """Return the number of pixels in all frames that are stored, and the number of frames, without decoding.

    Zeros for a file that is not a picture.
    """
    file.seek(0)
    try:
        with Image.open(file) as image:
            frames = getattr(image, "n_frames", 1) if image.format in _MOVING else 1
            return image.width * image.height * frames, frames
    except Exception:  # noqa: BLE001  # Pillow raises anything for a broken file; `files.sniffing` checks the type
        return 0, 0
    finally:
        file.seek(0)


def stripped(file: File) -> ContentFile:
    """Return the picture re-encoded: upright, still animated, with its colour profile and no other metadata.

    Raise UnknownPicture for formats other than JPEG, PNG, WebP and GIF, and BrokenPicture for a broken file.
    """
    try:
        return _stripped(file)
    except UnknownPicture:
        raise
    except Exception as error:  # Pillow raises anything for a broken file
        raise BrokenPicture(f"{type(error).__name__}: {error}"[:200]) from error


def _stripped(file: File) -> ContentFile:
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
            clean = _bare(ImageOps.exif_transpose(image))  # already a copy; another one of a large photo takes 150 MB
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
