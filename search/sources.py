"""What can be found: the sources of all packages, and the document that each of them makes of a row.

A package lists a `Source` in its description (`package.py`) and never touches an engine:

    class FaqSource(Source):
        kind, label, model = "faq", _("FAQ"), Faq

        def queryset(self):
            return Faq.objects.published().select_related("topic", "audience")

        def visible_to(self, viewer):
            return Faq.objects.visible_to(viewer)

        def to_document(self, faq):
            return Document(key=self.key(faq.pk), kind=self.kind, …)
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http.request import validate_host
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.safestring import SafeString

from search.language import LANGUAGES
from search.language.detect import detect
from web.http import Viewer
from web.packages import Package, composed, merged
from web.params import UNSTORABLE, storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an index knows of one row. Holds only what all of its readers may see."""

    key: str  # "<kind>:<pk>"
    kind: str
    title: str
    body: str  # plain text
    url: str
    audience: frozenset[str]
    created: datetime
    updated: datetime
    language: str = ""  # "nl", "en"; detected when empty
    translation_key: str = ""  # the same for a document and its translations
    tags: tuple[str, ...] = ()
    topic: str = ""  # a stable key of the topic, the same in each language
    topic_title: str = ""
    service: str = ""
    solved: bool = False
    verified: bool = False
    helpful: int = 0
    views: int = 0

    def __post_init__(self) -> None:
        """Make the texts such that every index and page takes them, whatever the row holds."""
        for name in ("title", "body", "topic_title", "service"):
            if UNSTORABLE.search(text := getattr(self, name)):
                object.__setattr__(self, name, storable(text))
        if any(map(UNSTORABLE.search, self.tags)):
            object.__setattr__(self, "tags", tuple(map(storable, self.tags)))

    def spoken(self) -> str:
        """The language that the document is analysed in: its own, or what its text looks like."""
        if self.language in LANGUAGES:
            return self.language
        return detect(f"{self.title} {self.body[:2000]}")

    def fingerprint(self) -> str:
        """Changes when anything changes that search works with: not for the address and the number of views."""
        values = {name: getattr(self, name) for name in _SEARCHED_WITH}
        values["audience"] = sorted(self.audience)
        return hashlib.sha256(_as_json(values).encode()).hexdigest()[:20]


_SEARCHED_WITH = sorted({each.name for each in fields(Document)} - {"views", "url"})
_as_json = json.JSONEncoder(default=str, sort_keys=True).encode


TopicTitles = Callable[[Iterable[str], str, Viewer], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Title:
    """What a row is called and where it is read: all that a list of links needs."""

    title: str
    url: str
    language: str = ""
    topic_title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row answers, and who stands for it."""

    parts: list[SafeString]  # clean HTML; each may answer by itself
    checked: datetime | None = None
    checked_by: str = ""
    feedback_url: str = ""  # takes `helpful`, "yes" or "no", by POST; answers htmx with a fragment
    answered_by: str = ""  # a person or a team, for what is a conversation


class Source(ABC):
    """One kind of findable rows."""

    kind: ClassVar[str]
    label: ClassVar[Any]  # a translatable word for one of them: "question"
    model: ClassVar[type[Model]]
    apart: ClassVar[bool] = False  # found only when its kind is asked for, and never suggested (conversations)
    url_names: ClassVar[tuple[str, ...]] = ()  # of addresses with a row's `pk`

    @abstractmethod
    def queryset(self) -> "QuerySet[Any]":
        """All findable rows (published, not hidden), for whatever audience, with everything that `to_document`
        reads already selected or prefetched: documents are made in batches with a constant number of queries."""

    @abstractmethod
    def visible_to(self, viewer: Viewer) -> "QuerySet[Any]":
        """The rows of `queryset()` in whose audience the viewer is: that query, narrowed."""

    @abstractmethod
    def to_document(self, obj: Any) -> Document:
        """The document of a row of `queryset()`. Must not query."""

    def settles(self, document: Document) -> bool:
        """Whether a document is an answer to somebody who searched: a question without one is not."""
        return True

    def key(self, pk: int | str) -> str:
        """The document key of a row."""
        return f"{self.kind}:{pk}"

    def pk_at(self, path: str) -> str:
        """The pk of the row at a path of this site, in the language that is active; "" when there is none."""
        try:
            match = resolve(path)
        except Resolver404:
            return ""
        return str(match.kwargs.get("pk", "")) if match.view_name in self.url_names else ""

    def titles(self, rows: "QuerySet[Any]") -> dict[str, Title]:
        """What rows of `visible_to()` are called, by pk. Made of whole documents; override to read less."""
        found = self.queryset().filter(pk__in=rows.order_by().values("pk"))
        documents = {str(row.pk): self.to_document(row) for row in found}
        return {pk: Title(d.title, d.url, d.language, d.topic_title) for pk, d in documents.items()}

    def answer(self, obj: Any) -> "Answer | None":
        """What a row answers, to be shown above the results; None when it answers nothing. May query.

        Shown to whoever may see the row: nothing in it may be for fewer people.
        """
        return None

    def authors(self, pks: list[str]) -> dict[str, Any]:
        """Who answered, by pk, for what has no history in Wagtail. One query."""
        return {}

    def translations(self, obj: Any) -> list[str]:
        """Keys of the same thing in other languages. May query."""
        return []

    def degraded(self, rows: "QuerySet[Any]", words: list[str]) -> "QuerySet[Any]":
        """Rows that hold one of the words in a text field: the search without an engine. Override for better fields."""
        from django.db.models import CharField, Q, TextField

        fields = [f.name for f in self.model._meta.get_fields() if type(f) in (CharField, TextField)]
        preferred = [f for f in ("title", "question", "body", "answer", "subject") if f in fields] or fields
        condition = Q()
        for name in preferred:
            for word in words:
                condition |= Q(**{f"{name}__icontains": word})
        return rows.filter(condition)


@composed
def _by_kind(packages: tuple[Package, ...]) -> dict[str, Source]:
    """The sources of all packages. The last package comes first: its kinds are the most specific ones."""
    described = merged({source.kind: source} for package in reversed(packages) for source in package.sources)
    return cast(dict[str, Source], described)  # web knows of a source no more than its kind


@composed
def _topic_titles(packages: tuple[Package, ...]) -> list[TopicTitles]:
    return [package.topic_titles for package in packages if package.topic_titles]


def topic_titles(keys: Iterable[str], language: str, viewer: Viewer) -> dict[str, str]:
    """Titles of topics by key; those that nobody knows or that are not for the viewer are absent."""
    keys = list(keys)
    return merged(titles(keys, language, viewer) for titles in _topic_titles()) if keys else {}


def all() -> list[Source]:  # noqa: A001 # reads as sources.all()
    """The sources of all packages."""
    return list(_by_kind().values())


def get(kind: str) -> Source | None:
    """The source of a kind, or None."""
    return _by_kind().get(kind)


def key_at(address: str) -> str:
    """The document key of what stands at an address of this site, with or without its host; "" when nothing does."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    if parts.hostname and not validate_host(parts.hostname, settings.ALLOWED_HOSTS):
        return ""
    with translation.override(translation.get_language_from_path(parts.path)):
        for source in all():
            if pk := source.pk_at(parts.path):
                return source.key(pk)
    return ""


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[str, str]:
    """Kind and pk of a document key."""
    kind, _, pk = key.partition(":")
    return kind, pk


def by_kind(keys: Iterable[str]) -> dict[str, list[str]]:
    """The pks of document keys, grouped by kind."""
    grouped: dict[str, list[str]] = {}
    for key in keys:
        kind, pk = split_key(key)
        grouped.setdefault(kind, []).append(pk)
    return grouped
