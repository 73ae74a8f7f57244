"""Small files of every type that may be uploaded, and of some that may not."""

import io
import struct
import zipfile
import zlib

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
    """Return a picture with SECRET in every metadata field of its format, and after its end."""
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


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(*chunks: tuple[bytes, bytes], size: tuple[int, int] = (10, 10)) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    drawing = _chunk(b"IDAT", zlib.compress(b"\0" * 310))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(_chunk(*each) for each in chunks) + drawing + _chunk(b"IEND", b"")


def blinking(frames: int) -> bytes:
    """Return an animated GIF of one pixel."""
    out = bytearray(b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff")
    for number in range(frames):
        out += b"\x21\xf9\4\4\1\0\0\0,\0\0\0\0\1\0\1\0\0\2\2" + (b"\x44" if number % 2 else b"\x4c") + b"\1\0"
    return bytes(out + b";")


def broken() -> dict[str, bytes]:
    """Return pictures that make the libraries fail, each in its own way."""
    whole = {kind: picture(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP")}
    large = b"a\0\0" + zlib.compress(b"x" * 70_000_000)
    return {
        "cut.jpg": whole["JPEG"][: len(whole["JPEG"]) // 2],
        "head.jpg": whole["JPEG"][:200],
        "head.png": whole["PNG"][:33],
        "cut.gif": whole["GIF"][:25],
        "cut.webp": whole["WEBP"][:30],
        "none.png": b"",
        "text.png": _png((b"zTXt", large)),
        "profile.png": _png((b"iCCP", large)),
        "transparency.png": _png((b"tRNS", b"\0")),
        "exif.png": _png((b"eXIf", b"\0")),
        "nothing.png": _png(size=(0, 10)),
        "nothing.gif": b"GIF89a\0\0\0\0\0\0\0;",
        "huge.png": _png(size=(60_000, 60_000)),
        "pages.png": _png((b"acTL", b"\0")),
        "size.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0;",
    }


def damaged(ending: str, how: int) -> bytes:
    """Return an archive whose first entry is damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{ending}" * 20)
    data = out.getvalue()
    begin = data.index(b"mimetype") + 8
    return data[:begin] + b"\x09\4\5\0" + b"\xff" * 12 + data[begin + 16 :]


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
