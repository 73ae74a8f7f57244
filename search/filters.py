"""Filters: what results are narrowed by. Each is defined here once, and everything else goes through `all()`:

- the query parser reads its words (`soort:vraag`), the address its parameter (`?kind=question`);
- the index has a keyword field of its name, by which both engines filter and count;
- the database filters by `value` when no engine answers;
- facets, chips and advice on the results page show its label and those of its values.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from rapidfuzz import fuzz

from search import sources
from search.language.analysis import BY_DICTIONARY
from search.language.tokens import folded_words
from search.sources import Document
from web.http import Viewer

KIND, TOPIC, LANGUAGE = "kind", "topic", "language"
MAX_VALUES = 20  # of one filter in an address
MAX_KEY = 64  # characters of the key of a topic
Filters = Mapping[str, tuple[str, ...]]  # values by field; a document passes with one of them, in each field
NO_FILTERS: Filters = MappingProxyType({})
# Returns the values of a field that the viewer can find documents with.
Findable = Callable[[str], Iterable[str]]


class Filter(ABC):
    """A field to filter by."""

    field: ClassVar[str]  # in the index, in an address and in `Filters`
    label: ClassVar[Any]
    words: ClassVar[dict[str, tuple[str, ...]]]  # typed before the colon, by language; all are understood
    hint: ClassVar[Any]  # for the search tips: what it does
    example: ClassVar[Any]  # a value as people type it
    collapses: ClassVar[bool] = True  # its counts take the translations of a document as one

    @abstractmethod
    def value(self, document: Document) -> str:
        """Return the value of a document; "" when it has none."""

    @abstractmethod
    def accepted(self, values: Iterable[str]) -> tuple[str, ...]:
        """Return the values of an address that may exist."""

    @abstractmethod
    def labels(self, values: Iterable[str], language: str, viewer: Viewer) -> dict[str, Any]:
        """Return labels by value, without values that do not exist or that the viewer may not know."""

    @abstractmethod
    def named(self, name: str, viewer: Viewer, findable: Findable) -> list[str]:
        """Return the values that somebody means who types `name`; none when nothing has that name."""

    @abstractmethod
    def alternatives(self, name: str, language: str, viewer: Viewer, findable: Findable) -> list[str]:
        """Return names to type instead of one that does not exist, the likeliest first."""


class FixedFilter(Filter):
    """A filter with the same few values for everybody, known without asking the engine."""

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Return all values with their labels."""

    def offered(self) -> dict[str, Any]:
        """Return the values to tell people about: all of them, unless overridden."""
        return self.options()

    def names(self, value: str, label: Any) -> set[str]:
        """Return what else a value is called, beside itself and its label in the languages of the site."""
        return set()

    def accepted(self, values: Iterable[str]) -> tuple[str, ...]:
        options = self.options()
        return tuple(value for value in values if value in options)

    def labels(self, values: Iterable[str], language: str, viewer: Viewer) -> dict[str, Any]:
        return self.options()

    def named(self, name: str, viewer: Viewer | None = None, findable: Findable | None = None) -> list[str]:
        """Return the values with that code, label or other name, in the singular or plural."""
        if not (wanted := _plain(name)):
            return []
        stems = {code: _stems(name, code) for code, _name in settings.LANGUAGES}
        found = []
        for value, label in self.options().items():
            said = {code: _translated(label, code) for code in stems}
            names = {_plain(each) for each in (value, *said.values(), *self.names(value, label))}
            if wanted in names or any(_stems(text, code) == stems[code] for code, text in said.items()):
                found.append(value)
        return found

    def alternatives(self, name: str, language: str, viewer: Viewer, findable: Findable) -> list[str]:
        return [str(label) for label in self.offered().values()]


class KindFilter(FixedFilter):
    """By kind of row: question, FAQ, …"""

    field, label, words = KIND, _("Kind"), {"en": ("kind",), "nl": ("soort",)}
    hint, example = _("only this kind"), _("article")

    def options(self) -> dict[str, Any]:
        return {source.kind: source.label for source in sources.all()}

    def value(self, document: Document) -> str:
        return document.kind

    def offered(self) -> dict[str, Any]:
        return {source.kind: source.label for source in sources.all() if not source.on_request_only}


class LanguageFilter(FixedFilter):
    """By the language of the text."""

    field, label, words = LANGUAGE, _("Language"), {"en": ("lang", "language"), "nl": ("taal",)}
    hint, example = _("only answers in this language"), pgettext_lazy("example of a language", "en")
    collapses = False

    def options(self) -> dict[str, Any]:
        return dict(settings.LANGUAGES)

    def names(self, value: str, label: Any) -> set[str]:
        info = translation.get_language_info(value)
        name = translation.gettext_lazy(str(info["name"]))
        return {
            str(info["name"]),
            str(info["name_local"]),
            *(_translated(name, code) for code, _ in settings.LANGUAGES),
        }

    def value(self, document: Document) -> str:
        return document.text_language()


class TopicFilter(Filter):
    """By topic. Its values are the keys of topics, which people name by title."""

    field, label, words = TOPIC, _("Topic"), {"en": ("topic",), "nl": ("onderwerp",)}
    hint, example = _("only topics whose name begins like this"), "…"

    def value(self, document: Document) -> str:
        return document.topic

    def accepted(self, values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in values if 0 < len(value) <= MAX_KEY)

    def labels(self, values: Iterable[str], language: str, viewer: Viewer) -> dict[str, Any]:
        return dict(sources.topic_titles(values, language, viewer))

    def named(self, name: str, viewer: Viewer, findable: Findable) -> list[str]:
        """Return the keys whose title equals `name`, or else those whose title begins with it. One query per language,
        after one request to the engine."""
        if not (wanted := _plain(name)):
            return []
        keys = list(findable(self.field))
        if name in keys:
            return [name]
        by_language = [sources.topic_titles(keys, code, viewer) for code, _name in settings.LANGUAGES]
        titles = [(key, _plain(title)) for found in by_language for key, title in found.items()]
        exact = [key for key, title in titles if title == wanted]
        begin = [key for key, title in titles if title.startswith(wanted)]
        return list(dict.fromkeys(exact or begin))

    def alternatives(self, name: str, language: str, viewer: Viewer, findable: Findable) -> list[str]:
        titles = dict.fromkeys(self.labels(findable(self.field), language, viewer).values())
        wanted = name.casefold()
        typable = [title for title in titles if '"' not in title]
        return sorted(typable, key=lambda title: (-fuzz.WRatio(wanted, title.casefold()), title))


_FILTERS: tuple[Filter, ...] = (KindFilter(), TopicFilter(), LanguageFilter())


def all() -> tuple[Filter, ...]:  # noqa: A001 # reads as filters.all()
    """Return the filters in the order in which they are shown."""
    return _FILTERS


def get(field: str) -> Filter:
    """Return the filter of a field. Raises KeyError."""
    return {each.field: each for each in all()}[field]


def by_word() -> dict[str, Filter]:
    """Return the filters by the words that are typed before the colon, in lower case."""
    return {word: each for each in all() for words in each.words.values() for word in words}


def fields() -> tuple[str, ...]:
    """Return the fields that an index filters and counts by."""
    return tuple(each.field for each in all())


def values(document: Document) -> dict[str, str]:
    """Return the value of a document by field."""
    return {each.field: each.value(document) for each in all()}


def passes(document: Document, wanted: Filters) -> bool:
    """True if a document has one of the wanted values in each field that is filtered by."""
    return not any((chosen := wanted.get(each.field)) and each.value(document) not in chosen for each in all())


def merged(*several: Filters) -> Filters:
    """Return filters with the values of all, each once; fields without a value are left out."""
    found = {
        field: tuple(dict.fromkeys(value for each in several for value in each.get(field, ()))) for field in fields()
    }
    return {field: chosen for field, chosen in found.items() if chosen}


def _translated(label: object, code: str) -> str:
    with translation.override(code):
        return str(label)


def _plain(text: str) -> str:
    return " ".join(folded_words(text))


def _stems(text: str, code: str) -> list[str]:
    return [word.stem for _, word in BY_DICTIONARY.words(text, code)]
