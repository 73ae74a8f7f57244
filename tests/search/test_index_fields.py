"""Fields that Elasticsearch would refuse, and queries per row, noticed without a service."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import numpy
import pytest
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from search import filters, sources
from search.engines.elastic import schema
from search.engines.elastic.documents import document_fields as fields_of
from search.engines.embedded.documents import _KEYWORDS
from search.engines.fields import PLAIN_FIELDS, TEXT_FIELDS
from search.engines.protocol import VERSION
from search.language.analysis import BY_DICTIONARY
from search.sources import Document, Source
from tests import content
from tests.people import People

# When this differs, raise VERSION in search/engines/protocol.py (fields) or search/language/__init__.py (terms), so
# that every index is rebuilt, and record the new version and hash here. The fields of filters stand in the version.
RECORDED = ("3.6", "d7494fa93367c045")
FITS: dict[str, tuple[type, ...]] = {"keyword": (str,), "text": (str,), "float": (float, int), "long": (int,)}
SAMPLES = {
    "nl": "De salarisspecificaties van mijn bakfietsen: ziekteverzuim, 's ochtends, ORA-00942, C++ en café's in I.C.T.",
    "en": "Finding payslips and the children's café, state-of-the-art e-mail, ORA-00942, C++ and parking of bikes",
}


@pytest.fixture
def rows(people: People) -> dict[str, Source]:
    """Return every source by kind, with rows for every audience."""
    for make in content.MAKERS:
        make(people)
    return {each.kind: each for each in sources.all()}


def misfits(fields: dict[str, Any], properties: dict[str, Any]) -> list[str]:
    """Return the fields of a document that the mapping does not have."""
    found = []
    for name, value in fields.items():
        if name not in properties:
            found.append(f"{name} is not mapped, and the mapping is strict")
            continue
        kind = properties[name]["type"]
        values = value if isinstance(value, list) else [value]
        wrong = [each for each in values if kind in FITS and each is not None and type(each) not in FITS[kind]]
        found += [f"{name} is {kind} and gets {each!r}" for each in wrong]
        if kind == "keyword" and properties[name].get("index", True):
            found += [f"{name} gets {len(each)} letters, a term has less" for each in values if len(each or "") > 8000]
    return found


class Model256:
    """A stand-in for a provider."""

    name, dimensions = "stand-in", 256


def test_every_document_is_made_without_a_query_and_fits_the_mapping(
    rows: dict[str, Source], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mapping = schema.mappings(Model256())
    vector = numpy.ones(256, dtype=numpy.float32) / 16
    found: dict[str, list[str]] = {}
    filled: set[str] = set()
    for kind, each in rows.items():
        loaded = list(each.queryset())
        with django_assert_num_queries(0, info=f"a document of {kind} asks the database"):
            documents = [each.to_document(row) for row in loaded]
        assert documents, f"no tests/<package>/content.py makes a {kind}"
        for document in documents:
            fields = fields_of(document, BY_DICTIONARY, vector)
            filled |= {name for name, value in fields.items() if value not in (None, "", [])}
            if wrong := misfits(fields, mapping["properties"]):
                found[document.key] = wrong
    assert mapping["dynamic"] == "strict"
    assert found == {}
    unused = set(mapping["properties"]) - filled - {f"tags_{language}" for language in ("nl", "en")}
    assert unused == set(), "mapped, and no document has it"


def test_a_misfit_is_seen() -> None:
    properties = schema.MAPPINGS["properties"]
    assert misfits({"colour": "red", "updated": "2026", "key": "faq:1", "topic": None}, properties) == [
        "colour is not mapped, and the mapping is strict",
        "updated is long and gets '2026'",
    ]


def made() -> str:
    """Return a hash of the fields but for those of filters, of the settings, and of the terms of two texts."""
    own = filters.fields()
    then = datetime(2026, 1, 1, tzinfo=UTC)
    terms = {}
    for language, text in SAMPLES.items():
        document = Document(key="x:1", kind="x", title=text, body=f"{text}. {text}", url="/", audience=frozenset({"a"}),
                            created=then, updated=then, language=language, tags=("Woon-werk", "HR"))  # fmt: skip
        made = fields_of(document, BY_DICTIONARY, None) | {"fingerprint": ""}
        terms[language] = {name: value for name, value in made.items() if name not in own}
    mapping = {name: value for name, value in schema.MAPPINGS.items() if name != "_meta"}
    mapping["properties"] = {name: value for name, value in mapping["properties"].items() if name not in own}
    embedded = [name for name in (*_KEYWORDS, *TEXT_FIELDS, *PLAIN_FIELDS) if name not in own]
    whole = json.dumps([mapping, schema.SETTINGS, embedded, terms], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def test_a_changed_index_has_a_new_version() -> None:
    version = VERSION.removesuffix("".join(f".{field}" for field in filters.fields()))
    assert (version, made()) == RECORDED, "raise the version, then record both: see RECORDED"


def test_a_filter_more_is_another_version() -> None:
    assert VERSION.split(".")[2:] == list(filters.fields()), "by which an index without a filter's field is built anew"


def test_no_column_is_read_row_by_row(rows: dict[str, Source], people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[str] = []
    load = Model.refresh_from_db

    def noticed(self: Model, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        if fields is not None:  # how Django reads a column that `.only()` left out
            late.append(f"{type(self).__name__}.{', '.join(fields)}")
        load(self, using, fields, from_queryset)

    monkeypatch.setattr(Model, "refresh_from_db", noticed)
    assert type(people.owner).objects.only("pk").get(pk=people.owner.pk).email
    assert late == ["User.email"], "a column that was left out is no longer noticed"
    found: dict[str, list[str]] = {}
    for kind, each in rows.items():
        shown = each.visible_to(people.viewer("owner"))
        keys = [row.pk for row in shown]
        assert keys, f"the owner sees no {kind}"
        uses = {
            "a document": lambda each=each: [each.to_document(row) for row in each.queryset()],
            "a result": lambda each=each, shown=shown: [each.to_document(row) for row in shown.all()],
            "a title": lambda each=each, shown=shown: each.titles(shown.all()),
            "an answer": lambda each=each, shown=shown: [each.answer(row) for row in shown.all()],
            "a translation": lambda each=each, shown=shown: [each.translations(row) for row in shown.all()],
        }
        for use, read in uses.items():
            late.clear()
            read()
            if late:
                found[f"{kind}, for {use}"] = sorted(set(late))
    assert found == {}
