"""Small files of every type that may be uploaded, and of some that may not."""

import io
import zipfile

from PIL import Image


def _zip(*entries: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return out.getvalue()


def _office(folder: str) -> bytes:
    return _zip(("[Content_Types].xml", "<Types/>"), (f"{folder}/main.xml", "<x/>"))


def _open_document(kind: str) -> bytes:
    return _zip(("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("content.xml", "<x/>"))


# What a camera and a program write: where, by whom.
SECRET = b"Brughuis, derde verdieping"


def picture(kind: str, moving: bool = False) -> bytes:
    """A picture with SECRET in every place that the format has for words, and behind its end."""
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("teal", "orange")]
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    options: dict[str, object] = {}
    if kind in ("JPEG", "PNG", "WEBP"):
        options["exif"] = exif
    if kind in ("JPEG", "GIF"):
        options["comment"] = SECRET
    if kind == "WEBP":
        options["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        text = PngInfo()
        text.add_text("Author", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options["pnginfo"] = text
    if moving:
        options |= {"save_all": True, "append_images": frames[1:], "duration": 200, "loop": 0}
    frames[0].save(out, kind, **options)
    return out.getvalue() + SECRET


PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
OF_TYPE = {
    "gif": picture("GIF"),
    "jpg": picture("JPEG"),
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "webp": picture("WEBP"),
    "pdf": b"%PDF-1.4\n1 0 obj",
    "rtf": b"{\\rtf1 Verlof}",
    "txt": "Verlof aanvragen: naïef gezegd eenvoudig.".encode(),
    "csv": b"naam;dagen\nOwner;25\n",
    "zip": _zip(("plan.txt", "Plan")),
    "odt": _open_document("text"),
    "ods": _open_document("spreadsheet"),
    "odp": _open_document("presentation"),
    "docx": _office("word"),
    "xlsx": _office("xl"),
    "pptx": _office("ppt"),
}
OTHERS = {
    "a page": PAGE,
    "a page behind spaces": b" \n\xef\xbb\xbf" + PAGE,
    "a page in UTF-16": PAGE.decode().encode("utf-16"),
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a script": b"#!/bin/sh\nid\n",
    "a program": b"MZ\x90\x00\x03\x00\x00\x00",
    "a page with a ZIP behind it": PAGE + _zip(("plan.txt", "Plan")),
    "PHP": b"<?php system($_GET['c']);",
    "nothing": b"\x00" * 64,
}
# Types whose content is rightly taken for another: every Office file is a ZIP, and a table is a text.
ALSO = {("zip", other) for other in ("odt", "ods", "odp", "docx", "xlsx", "pptx")}
ALSO |= {(a, b) for pair in (("txt", "csv"), ("jpg", "jpeg")) for a, b in (pair, pair[::-1])}
