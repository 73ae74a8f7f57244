"""Pictures lose what cameras write into them: places, names, serial numbers."""

import io
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps

_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90},
}


def stripped(file: File) -> ContentFile | None:
    """The picture turned upright and without metadata; None when it holds none, or moves and would stop moving."""
    file.seek(0)
    with Image.open(file) as image:
        kind = image.format or ""
        holds = image.getexif() or image.info.keys() & {"exif", "xmp", "comment", "XML:com.adobe.xmp", "photoshop"}
        if kind not in _OPTIONS or getattr(image, "is_animated", False) or not holds:
            file.seek(0)
            return None
        upright = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
        clean = upright.copy()
        clean.info.clear()
        out = io.BytesIO()
        clean.save(out, kind, icc_profile=profile, **_OPTIONS[kind])
    return ContentFile(out.getvalue(), name=file.name)
