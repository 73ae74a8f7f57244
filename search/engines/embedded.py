"""The embedded engine: tantivy in a folder. One process writes (the leader); any number read.

SEARCH_DIR/current names the live index's folder beside it. Readers look at it before each search, so that they follow
a switch. Terms come ready from search.language; tantivy only splits them at spaces.
"""

import itertools
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from search import ranking, tree
from search.engines import (
    MOST_READ,
    NO_VECTORS,
    ONCE,
    PLAIN_FIELDS,
    TEXT_FIELDS,
    VERSION,
    EngineError,
    Found,
    Hit,
    Request,
    counted,
    text_fields,
)
from search.indexing import vocabulary
from search.language.analysis import Analysis
from search.meaning.providers import Vectors
from search.meaning.table import StoredTable, Table
from search.sources import Document

_HEAP = 60_000_000
_KEYWORDS = ("key", "kind", "topic", "language", "audience", "fingerprint", "translation_key")
_SAME = {"field": "translation_key"}
_ONCE = {"aggs": {"all": {"value_count": _SAME}, "once": {"cardinality": _SAME}}}
_FILLER = "·"
_PIECE = 400  # neighbours that are looked at together
_TOKENIZER = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _KEYWORDS:
        stored = name in ("key", "fingerprint")
        builder.add_text_field(name, stored=stored, fast=True, tokenizer_name="raw", index_option="basic")
    for name in [*TEXT_FIELDS, *PLAIN_FIELDS]:
        builder.add_text_field(name, tokenizer_name="terms")
    builder.add_text_field("facts", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = _schema()


class EmbeddedEngine:
    """Implements search.engines.Engine."""

    name = "embedded"
    keeps_vectors = False

    def __init__(self, folder: Path, analysis: Analysis | None = None, table: Table | None = None) -> None:
        self.folder = folder
        self.analysis = analysis
        self.table = table
        self._live = ""
        self._indexes: dict[str, tantivy.Index] = {}
        self._writers: dict[str, tantivy.IndexWriter] = {}
        self._seen: dict[str, int] = {}  # when an index that another process writes was last changed
        self._opening = threading.Lock()

    # -- asking -------------------------------------------------------------------------------

    def search(self, request: Request) -> Found:
        searcher = self._searcher()
        base = [(Occur.Must, self._asked(request)), *self._allowed(request)]
        filters = {name: (Occur.Must, _any_of(name, values)) for name, values in request.filters().items()}
        query = Query.boolean_query([*base, *filters.values()])
        size = min(request.size, MOST_READ - request.offset)
        if size > 0:
            result = searcher.search(query, size, count=request.count, offset=request.offset)
        else:
            result = searcher.search(query, 1, count=True)
        scored = result.hits if size > 0 else []
        hits = [_hit(searcher.doc(address), score) for score, address in scored]
        total = int(result.count or len(hits))
        return Found(hits, total, self._facets(searcher, base, filters, request.once) if request.facets else {})

    def _allowed(self, request: Request) -> list[tuple[Occur, Query]]:
        """What every hit keeps to, by words or by meaning."""
        allowed = [(Occur.Must, _any_of("audience", sorted(request.audience)))]
        allowed += [(Occur.Must, Query.const_score_query(self._compile(node), 0.0)) for node in request.required]
        allowed += [(Occur.MustNot, self._compile(node)) for node in request.excluded]
        if request.exclude:
            allowed.append((Occur.MustNot, Query.term_set_query(SCHEMA, "key", list(request.exclude))))
        return allowed

    def _asked(self, request: Request) -> Query:
        asked = self._compile(request.tree)
        if not request.also:
            return asked
        return Query.boolean_query([(Occur.Should, asked), (Occur.Should, _any_of("key", request.also))], 1)

    def counts(self, nodes: Sequence[tree.Node], audience: frozenset[str]) -> list[int]:
        searcher, allowed = self._searcher(), (Occur.Must, _any_of("audience", sorted(audience)))
        queries = [Query.boolean_query([(Occur.Must, self._compile(node)), allowed]) for node in nodes]
        return [int(searcher.search(query, 1, count=True).count or 0) for query in queries]

    def _facets(self, searcher: Any, base: list[Any], filters: dict[str, Any], once: bool) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for name in ("kind", "topic", "language"):
            query = Query.boolean_query([*base, *(f for field, f in filters.items() if field != name)])
            terms: dict[str, Any] = {"terms": {"field": name, "size": 200}}
            answer = searcher.aggregate(query, {"counts": terms | (_ONCE if once and name in ONCE else {})})
            counts[name] = {b["key"]: counted(b) for b in answer["counts"]["buckets"] if b["key"]}
        return counts

    def near(self, vector: Vectors, request: Request, least: float) -> list[Hit]:
        if self.table is None:
            return []
        if isinstance(self.table, StoredTable):
            self.table.refresh()
        searcher = self._searcher()
        filters = [(Occur.Must, _any_of(name, values)) for name, values in request.filters().items()]
        nearest, found = self.table.near(vector, least), list[Hit]()
        # The table knows no audiences: the nearest are asked for in pieces until enough of them may be seen.
        while len(found) < request.size and (piece := dict(itertools.islice(nearest, _PIECE))):
            query = Query.boolean_query([(Occur.Must, _any_of("key", piece)), *self._allowed(request), *filters])
            hits = searcher.search(query, len(piece), count=False).hits
            allowed = {hit.key: hit for hit in (_hit(searcher.doc(address), 0) for _, address in hits)}
            found += [allowed[key]._replace(score=cosine) for key, cosine in piece.items() if key in allowed]
        return found[: request.size]

    def live(self) -> str:
        return self._current()

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        searcher = self._searcher()
        query = Query.all_query() if audience is None else _any_of("audience", sorted(audience))
        if searcher.num_docs:
            for _, address in searcher.search(query, searcher.num_docs, count=False).hits:
                document = searcher.doc(address)
                yield str(document.get_first("key")), str(document.get_first("fingerprint"))

    def state(self) -> str:
        name = self._current()
        if not name:
            return "missing"
        if not name.startswith(f"v{VERSION}-"):
            return "old"
        return "changed" if self.differences() else "ready"

    def differences(self) -> list[str]:
        name = self._current()
        if not name:
            return [f"there is no index in {self.folder} yet"]
        if not name.startswith(f"v{VERSION}-"):
            return [f"it was made by version {name.partition('-')[0][1:]}; this is {VERSION}"]
        try:
            self._open(name)
        except EngineError as error:
            return [f"{self.folder / name} cannot be read: {error}"]
        return []

    def count(self) -> int:
        return int(self._searcher().num_docs)

    def health(self) -> dict[str, object]:
        return {"state": "closed"}

    # -- writing ------------------------------------------------------------------------------

    def prepare(self) -> None:
        if self.state() != "ready":
            self.switch(self.begin())

    def write(
        self,
        documents: Iterable[Document],
        deleted: Iterable[str],
        building: str = "",
        vectors: Mapping[str, Vectors] = NO_VECTORS,
    ) -> dict[str, str]:
        self._keep(vectors)
        errors: dict[str, str] = {}
        documents, deleted = list(documents), list(deleted)
        for name in filter(None, (self._current(), building)):
            writer = self._writer(name)
            for key in deleted:
                writer.delete_documents_by_term("key", key)
            errors |= _put(writer, documents, self.analysis or vocabulary.of(name))
        return errors

    def fill(
        self, building: str, documents: Iterable[Document], vectors: Mapping[str, Vectors] = NO_VECTORS
    ) -> dict[str, str]:
        self._keep(vectors)
        return _put(self._writer(building), documents, self.analysis or vocabulary.of(building))

    def filled(self) -> dict[str, str]:
        return {}

    def _keep(self, vectors: Mapping[str, Vectors]) -> None:
        if self.table is not None and not isinstance(self.table, StoredTable):  # that one reads the database itself
            self.table.put(vectors.items())

    def commit(self, building: str = "") -> None:
        for name in self._writers.keys() & {self._current(), building}:
            try:
                self._writers[name].commit()
            except ValueError as error:
                del self._writers[name]
                raise EngineError(str(error)) from error
            self._indexes[name].reload()

    def tidy(self) -> None:
        live = self._current()
        if self.folder.exists():
            for left in self.folder.iterdir():
                if left.is_dir() and left.name != live:
                    self.discard(left.name)

    def begin(self) -> str:
        self.tidy()
        name = f"v{VERSION}-{time.time_ns():x}"
        (self.folder / name).mkdir(parents=True)
        self._open(name)
        return name

    def switch(self, building: str) -> None:
        self.commit(building)
        old = self._current()
        pointer = self.folder / "current.new"
        pointer.write_text(building)
        pointer.replace(self.folder / "current")
        if old:
            self.discard(old)

    def discard(self, building: str) -> None:
        self._writers.pop(building, None)
        self._indexes.pop(building, None)
        # Readers that still have it open keep the files until they let go.
        shutil.rmtree(self.folder / building, ignore_errors=True)

    def drop(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        self._writers.clear()
        self._indexes.clear()

    # -- inside -------------------------------------------------------------------------------

    def _current(self) -> str:
        try:
            return (self.folder / "current").read_text()
        except FileNotFoundError:
            return ""

    def _searcher(self) -> Any:
        name = self._current()
        if not name.startswith(f"v{VERSION}-"):
            raise EngineError("the index is missing or of another version; the indexer makes it")
        if name != self._live:
            if self._live not in self._writers:
                self._indexes.pop(self._live, None)
            self._live = name
        try:
            return self._followed(name).searcher()
        except (EngineError, OSError) as error:
            if self._current() != name:  # switched and removed meanwhile
                return self._searcher()
            raise EngineError(str(error)) from error

    def _followed(self, name: str) -> tantivy.Index:
        index = self._open(name)
        if name not in self._writers:  # another process commits
            changed = (self.folder / name / "meta.json").stat().st_mtime_ns
            if self._seen.get(name) != changed:
                index.reload()
                self._seen[name] = changed
        return index

    def _open(self, name: str) -> tantivy.Index:
        with self._opening:
            if (index := self._indexes.get(name)) is None:
                try:
                    index = tantivy.Index(SCHEMA, path=str(self.folder / name))
                    index.config_reader("manual")
                except (ValueError, OSError) as error:
                    raise EngineError(str(error)) from error
                index.register_tokenizer("terms", _TOKENIZER)  # not kept on disk
                self._indexes[name] = index
            return index

    def _writer(self, name: str) -> tantivy.IndexWriter:
        if name not in self._writers:
            try:
                self._writers[name] = self._open(name).writer(_HEAP, 1)
            except ValueError as error:  # LockBusy
                raise EngineError(str(error)) from error
        return self._writers[name]

    def _compile(self, node: tree.Node) -> Query:
        match node:
            case tree.Everything():
                return Query.all_query()
            case tree.Term(field, term, boost):
                return Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), boost)
            case tree.Prefix(field, prefix, boost):
                found = Query.fuzzy_term_query(SCHEMA, field, prefix, distance=0, prefix=True)
                return Query.const_score_query(found, boost)
            case tree.Phrase(field, terms, slop, boost):
                return Query.boost_query(Query.phrase_query(SCHEMA, field, list(terms), slop), boost)
            case tree.Best(parts, tie):
                return Query.disjunction_max_query([self._compile(p) for p in parts], tie)
            case tree.Sum(parts, minimum):
                return Query.boolean_query([(Occur.Should, self._compile(p)) for p in parts], minimum)
            case tree.Boosted(required, extra):
                optional = [(Occur.Should, self._compile(p)) for p in extra]
                return Query.boolean_query([(Occur.Must, self._compile(required)), *optional])


def _hit(found: tantivy.Document, score: float) -> Hit:
    language, merit, updated, *same = str(found.get_first("facts")).split()
    return Hit(str(found.get_first("key")), float(score), language, float(merit), float(updated), *same)


def _facts(document: Document) -> str:
    """What ranks a document, in one stored field: tantivy reads each field of a hit by itself."""
    merit = f"{ranking.merit(document):.4f}"
    return f"{document.spoken()} {merit} {document.updated.timestamp():.0f} {document.translation_key}".rstrip()


def _any_of(field: str, values: Iterable[str]) -> Query:
    return Query.const_score_query(Query.term_set_query(SCHEMA, field, list(values)), 0.0)


def _put(writer: tantivy.IndexWriter, documents: Iterable[Document], analysis: Analysis) -> dict[str, str]:
    errors: dict[str, str] = {}
    for document in documents:
        try:
            made = _document(document, analysis)
        except (ValueError, UnicodeError, TypeError) as error:
            errors[document.key] = f"{type(error).__name__}: {error}"
            continue
        writer.delete_documents_by_term("key", document.key)
        writer.add_document(made)
    return errors


def _document(document: Document, analysis: Analysis) -> tantivy.Document:
    made = tantivy.Document()
    keywords = {
        "key": [document.key],
        "kind": [document.kind],
        "topic": [document.topic],
        "language": [document.spoken()],
        "audience": sorted(document.audience),
        "fingerprint": [document.fingerprint()],
        "facts": [_facts(document)],
        "translation_key": [document.translation_key] if document.translation_key else [],
    }
    for name, value in itertools.chain.from_iterable(((n, v) for v in vs) for n, vs in keywords.items()):
        made.add_text(name, value)
    fields = text_fields(document, analysis)
    for name, terms in fields.items():
        made.add_text(name, " ".join(terms))
    for name in TEXT_FIELDS:
        if name not in fields:
            # tantivy's mean field length counts documents without the field, which would make the rarer language's
            # documents seem long: they get as many fillers there as they have terms in their own language.
            made.add_text(name, " ".join([_FILLER] * len(fields[f"{name.partition('_')[0]}_{document.spoken()}"])))
    return made
