"""Serve files with the permission of the row they belong to. Hidden and missing files both give 404."""

import mimetypes

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from accounts.audiences import Person
from accounts.requests import Request
from files.models import Attachment, Picture, PictureRendition
from files.permissions import can_see, is_for
from web.params import key

# Shown in the browser; everything else is downloaded.
INLINE = {"image/gif", "image/jpeg", "image/png", "image/webp", "image/avif", "application/pdf"}


@require_safe
def rendition(request: Request, pk: int, name: str) -> HttpResponseBase:
    """Serve one size of a picture."""
    row = get_object_or_404(PictureRendition.objects.select_related("image__audience"), pk=pk)
    return _serve(request, row.image, row.file, name)


@require_safe
def document(request: Request, pk: str, name: str) -> HttpResponseBase:
    """Serve a document."""
    row: Attachment = get_object_or_404(Attachment.objects.select_related("audience"), pk=key(pk))
    return _serve(request, row, row.file, name)


def _serve(request: Request, stored: Picture | Attachment, file: FieldFile, name: str) -> HttpResponseBase:
    path = file.name or ""
    if name != path.rpartition("/")[2] or not can_see(request.viewer, stored):
        raise Http404
    try:
        modified = int(file.storage.get_modified_time(path).timestamp())
        since = request.headers.get("If-Modified-Since")
        if since and (parse_http_date_safe(since) or 0) >= modified:
            return HttpResponseNotModified()
        opened = file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = FileResponse(opened, content_type=kind, as_attachment=kind not in INLINE, filename=name)
    response["Last-Modified"] = http_date(modified)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    # Browsers revalidate each time, because the audience may have changed; mostly the answer is 304. A file that is not
    # for everybody is not stored: the next person at the same computer may be somebody else.
    everybody = is_for(Person(), stored)
    response["Cache-Control"] = "private, no-cache" if everybody else "private, no-store"
    return response
