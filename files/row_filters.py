"""Row filters for files under /cms/ (`web.scope`).

A reader sees files whose audience includes them. Of files without an audience they see their own uploads, and files
used by rows that they can see.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, IntegerField, Model, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import ReferenceIndex, UploadedFile

from accounts.reader_access import audience_ids
from files.models import Attachment, Picture
from web import scope


def _filter(model: type[Picture] | type[Attachment]) -> scope.RowFilter:
    def visible(reader: scope.Reader) -> "QuerySet[Any]":
        used = Q(pk__in=used_by_visible_rows(model, reader))
        open_to = Q(audience__in=audience_ids(reader)) | Q(audience=None) & (_mine(reader) | used)
        return model._base_manager.filter(open_to).values("pk")

    return visible


def _mine(reader: scope.Reader) -> Q:
    user = getattr(reader.viewer, "user", None)
    return Q(uploaded_by_user=user.pk) if user and user.pk else Q(pk__in=())


def uploads(reader: scope.Reader) -> "QuerySet[Any]":
    """Return the reader's uploads that have no title yet."""
    return UploadedFile._base_manager.filter(_mine(reader)).values("pk")


def used_by_visible_rows(model: type[Model], reader: scope.Reader) -> "QuerySet[Any]":
    """Return the keys of the rows of `model` that are used by something the reader can see."""
    sources = Q(pk__in=())
    for source in models_using_files():
        content_type = ContentType.objects.get_for_model(source)
        rows = source._base_manager.filter(pk__in=scope.rows_of(source, reader))
        keys = rows.annotate(_key=Cast("pk", CharField())).values("_key")
        sources |= Q(base_content_type=content_type, object_id__in=keys)
    references = ReferenceIndex._base_manager.filter(sources, to_content_type=ContentType.objects.get_for_model(model))
    return references.values(_used=Cast("to_object_id", IntegerField()))


def models_using_files() -> list[type[Model]]:
    """Return the filtered models that use files."""
    return [model for model in MODELS_USING_FILES if scope.filter_of(model) is not None]


MODELS_USING_FILES: list[type[Model]] = []  # filled by the packages whose rows use files


def filter_files() -> None:
    """Filter files by reader. Called once, when apps are ready."""
    for model in (Picture, Attachment):
        scope.filter_rows(model, _filter(model))
    scope.filter_rows(UploadedFile, uploads)
