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
from web.badges import badges_of
from web.http import Viewer
from web.packages import Package, composed, merged
from web.params import UNSTORABLE, storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an index stores of one row. Contains only what everybody in its audience may see."""

    key: str  # "<kind>:<pk>"
    kind: str
    title: str
    body: str  # plain text
    url: str
    audience: frozenset[str]
    created: datetime
    updated: datetime
    language: str = ""  # "nl", "en"; detected when empty
    translation_key: str = ""  # the same for all translations of a document
    tags: tuple[str, ...] = ()
    topic: str = ""  # the same key in each language
    topic_title: str = ""
    service: str = ""
    solved: bool = False
    verified: bool = False
    helpful: int = 0
    views: int = 0

    def __post_init__(self) -> None:
        """Remove characters that an index or page cannot store."""
        for name in ("title", "body", "topic_title", "service"):
            if UNSTORABLE.search(text := getattr(self, name)):
                object.__setattr__(self, name, storable(text))
        if any(map(UNSTORABLE.search, self.tags)):
            object.__setattr__(self, "tags", tuple(map(storable, self.tags)))

    @property
    def badges(self) -> list[str]:
        """The names of the badges that its hit has (web.badges): of its fields that are true."""
        return badges_of(self)

    def text_language(self) -> str:
        """Return the language that the document is analysed in: its own, or the one detected from its text."""
        if self.language in LANGUAGES:
            return self.language
        return detect(f"{self.title} {self.body[:2000]}")

    def fingerprint(self) -> str:
        """Return a hash of all that search uses of the document: all but its address and number of views."""
        values = {name: getattr(self, name) for name in _SEARCHED_WITH}
        values["audience"] = sorted(self.audience)
        return hashlib.sha256(_as_json(values).encode()).hexdigest()[:20]


_SEARCHED_WITH = sorted({each.name for each in fields(Document)} - {"views", "url"})
_as_json = json.JSONEncoder(default=str, sort_keys=True).encode


TopicTitles = Callable[[Iterable[str], str, Viewer], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Title:
    """Title and address of a row: all that a list of links needs."""

    title: str
    url: str
    language: str = ""
    topic_title: str = ""


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The answer of a row, and who is responsible for it."""

    parts: list[SafeString]  # clean HTML; each may be shown by itself
    checked: datetime | None = None
    checked_by: str = ""
    feedback_url: str = ""  # takes `helpful`, "yes" or "no", by POST; answers htmx with a fragment
    answered_by: str = ""  # a person or a team, of a conversation


class Source(ABC):
    """One kind of findable rows."""

    kind: ClassVar[str]
    label: ClassVar[Any]  # a translatable word for one of them: "question"
    model: ClassVar[type[Model]]
    on_request_only: ClassVar[bool] = False  # found only when its kind is asked for; never suggested
    url_names: ClassVar[tuple[str, ...]] = ()  # of addresses with a row's `pk`

    @abstractmethod
    def queryset(self) -> "QuerySet[Any]":
        """Return all findable rows (published, not hidden) of any audience, with all that `to_document` reads selected
        or prefetched: documents are made in batches with a constant number of queries."""

    @abstractmethod
    def visible_to(self, viewer: Viewer) -> "QuerySet[Any]":
        """Return `queryset()` filtered by the viewer's audience keys."""

    @abstractmethod
    def to_document(self, obj: Any) -> Document:
        """Return the document of a row of `queryset()`. Must not query."""

    def is_answer(self, document: Document) -> bool:
        """True if a document answers a search. A question without an answer does not."""
        return True

    def key(self, pk: int | str) -> str:
        """Return the document key of a row."""
        return f"{self.kind}:{pk}"

    def pk_at(self, path: str) -> str:
        """Return the pk of the row at a path of this site, in the active language; "" when there is none."""
        try:
            match = resolve(path)
        except Resolver404:
            return ""
        return str(match.kwargs.get("pk", "")) if match.view_name in self.url_names else ""

    def titles(self, rows: "QuerySet[Any]") -> dict[str, Title]:
        """Return titles of rows of `visible_to()` by pk. Makes whole documents; override to read less."""
        found = self.queryset().filter(pk__in=rows.order_by().values("pk"))
        documents = {str(row.pk): self.to_document(row) for row in found}
        return {pk: Title(d.title, d.url, d.language, d.topic_title) for pk, d in documents.items()}

    def answer(self, obj: Any) -> "SourceAnswer | None":
        """Return the answer of a row, to be shown above the results; None when it has none. May query.

        It is shown to everybody who may see the row, so nothing in it may have a narrower audience.
        """
        return None

    def authors(self, pks: list[str]) -> dict[str, Any]:
        """Return who answered, by pk, for rows without a history in Wagtail. One query."""
        return {}

    def translations(self, obj: Any) -> list[str]:
        """Return the keys of a row's translations. May query."""
        return []

    def filter_by_words(self, rows: "QuerySet[Any]", words: list[str]) -> "QuerySet[Any]":
        """Return rows with a word in a text field, for search without an engine. Override for other fields."""
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
    """Return titles of topics by key, without those that do not exist or are not for the viewer."""
    keys = list(keys)
    return merged(titles(keys, language, viewer) for titles in _topic_titles()) if keys else {}


def all() -> list[Source]:  # noqa: A001 # reads as sources.all()
    """Return the sources of all packages."""
    return list(_by_kind().values())


def get(kind: str) -> Source | None:
    """Return the source of a kind, or None."""
    return _by_kind().get(kind)


def key_at(address: str) -> str:
    """Return the document key of an address of this site, with or without its host; "" when there is none."""
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
    """Return kind and pk of a document key."""
    kind, _, pk = key.partition(":")
    return kind, pk


def by_kind(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the pks of document keys, grouped by kind."""
    grouped: dict[str, list[str]] = {}
    for key in keys:
        kind, pk = split_key(key)
        grouped.setdefault(kind, []).append(pk)
    return grouped
