"""Check that a file is of the type that its name says.

The question is not "what is this?", which sniffing libraries answer, but "is this a PDF?", for the few types that may
be uploaded. A ZIP, a Word file and an OpenDocument text begin with the same bytes, and a text file has no signature at
all.
"""

import io
import re
import zipfile
from collections.abc import Callable
from typing import IO

from PIL import Image

HEAD = 64 * 1024  # bytes of a text that are checked
# What browsers would take for a page or script, at the beginning of a "text".
_MARKUP = re.compile(rb"<(?:!doctype|!--|\?xml|\?php|html|head|body|script|svg|iframe|img|object|a\s)|#!", re.I)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Pillow's format names for each extension. MPO: the JPEGs of many phones.
PICTURES = {"gif": {"GIF"}, "jpg": {"JPEG", "MPO"}, "jpeg": {"JPEG", "MPO"}, "png": {"PNG"}, "webp": {"WEBP"}}


def is_what_it_says(name: str, file: IO[bytes]) -> bool:
    """Return True if the content of `file` matches the extension of `name`. False for unknown extensions."""
    ending = name.rpartition(".")[2].lower()
    check = _CHECKS.get(ending)
    if check is None:
        return False
    file.seek(0)
    try:
        return check(file)
    finally:
        file.seek(0)


def _begins(*signatures: bytes) -> Callable[[IO[bytes]], bool]:
    return lambda file: file.read(16).startswith(signatures)


def _picture(formats: set[str]) -> Callable[[IO[bytes]], bool]:
    def check(file: IO[bytes]) -> bool:
        try:
            with Image.open(io.BytesIO(file.read())) as image:
                return image.format in formats
        except Exception:  # noqa: BLE001  # Pillow raises anything for a broken file
            return False

    return check


def _text(file: IO[bytes]) -> bool:
    head = file.read(HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as Windows writes it
        try:
            head = head[: len(head) // 2 * 2].decode("utf-16").encode()
        except UnicodeDecodeError:
            return False
    head = head.lstrip(b" \t\r\n\x0b\x0c\xef\xbb\xbf")  # spaces and byte order marks
    return not _CONTROL.search(head) and not _MARKUP.match(head) and not head.startswith((b"%PDF-", b"{\\rtf"))


def _zip(inside: Callable[[zipfile.ZipFile], bool]) -> Callable[[IO[bytes]], bool]:
    """Return a check for a ZIP archive with the right entries.

    It must be a ZIP from its first byte on: a file that only ends as a ZIP may be anything.
    """

    def check(file: IO[bytes]) -> bool:
        if not file.read(4).startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return False
        try:
            with zipfile.ZipFile(file) as archive:
                return inside(archive)
        except Exception:  # noqa: BLE001  # each compression method raises its own errors for damaged entries
            return False

    return check


def _open_document(kind: str) -> Callable[[IO[bytes]], bool]:
    def inside(archive: zipfile.ZipFile) -> bool:
        with archive.open("mimetype") as entry:
            return entry.read(100).decode("ascii", "replace").strip() == f"application/vnd.oasis.opendocument.{kind}"

    return _zip(lambda archive: "mimetype" in archive.namelist() and inside(archive))


def _office(folder: str) -> Callable[[IO[bytes]], bool]:
    def inside(archive: zipfile.ZipFile) -> bool:
        names = archive.namelist()
        return "[Content_Types].xml" in names and any(name.startswith(f"{folder}/") for name in names)

    return _zip(inside)


_CHECKS: dict[str, Callable[[IO[bytes]], bool]] = {
    **{ending: _picture(formats) for ending, formats in PICTURES.items()},
    "pdf": _begins(b"%PDF-"),
    "rtf": _begins(b"{\\rtf"),
    "txt": _text,
    "csv": _text,
    "zip": _zip(lambda archive: True),
    "odt": _open_document("text"),
    "ods": _open_document("spreadsheet"),
    "odp": _open_document("presentation"),
    "docx": _office("word"),
    "xlsx": _office("xl"),
    "pptx": _office("ppt"),
}
