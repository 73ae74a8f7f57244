"""A findable model for tests: notes, each with one audience key."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.utils.timezone import now

from search.models import Findable
from search.models.outbox import watch_deletes
from search.sources import Document, Source
from web.http import Viewer


class Note(Findable):
    """A findable row."""

    search_kind = "note"
    title = models.CharField(max_length=200)
    body = models.TextField()
    audience = models.CharField(max_length=100, default="public")
    language = models.CharField(max_length=2, default="nl")
    topic = models.CharField(max_length=20, blank=True)
    out = models.BooleanField(default=True)

    class Meta:
        app_label = "tests_search"

    def __str__(self) -> str:
        return self.title


class NoteSource(Source):
    """Published notes. A note called "poison" cannot be made into a document."""

    kind, label, model = "note", "note", Note

    def queryset(self) -> "models.QuerySet[Any]":
        return Note.objects.filter(out=True)

    def visible_to(self, viewer: Viewer) -> "models.QuerySet[Any]":
        return self.queryset().filter(audience__in=viewer.keys)

    def to_document(self, obj: Any) -> Document:
        if obj.title == "poison":
            raise RuntimeError("cannot be described")
        return Document(
            key=self.key(obj.pk),
            kind=self.kind,
            title=obj.title,
            body=obj.body,
            url=f"/note/{obj.pk}/",
            audience=frozenset({obj.audience}),
            language=obj.language,
            topic=obj.topic,
            created=now().replace(year=2026, month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
            updated=now().replace(year=2026, month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
        )


watch_deletes(Note)


def make_table() -> None:
    """Create the table of notes in the test's transaction."""
    editor = connection.schema_editor(collect_sql=True)
    sql, parameters = editor.table_sql(Note)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def note(title: str, body: str = "", **values: Any) -> Note:
    """Create a note, by default public and in Dutch."""
    return Note.objects.create(title=title, body=body, **values)


def document(title: str, body: str = "", language: str = "nl", **values: Any) -> Document:
    """Return a public document without a row."""
    then = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"key": "note:1", "kind": "note", "audience": frozenset({"public"})} | values
    return Document(title=title, body=body, language=language, url="/", created=then, updated=then, **values)
