"""The embedded engine: tantivy in a folder."""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import tantivy
from tantivy import Occur, Query

from search import query_tree, vocabulary
from search.embeddings.providers import Vectors
from search.embeddings.stored_table import StoredVectorTable
from search.embeddings.table import VectorTable
from search.engines.embedded import queries
from search.engines.embedded.documents import SCHEMA, as_hit, put_documents
from search.engines.protocol import MAX_HITS, NO_VECTORS, VERSION, EngineError, Hit, SearchRequest, SearchResponse
from search.language.analysis import Analysis
from search.sources import Document

_HEAP = 60_000_000
_PIECE = 400  # neighbours that are checked at once
_Given = TypeVar("_Given")
_TOKENIZER = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


@contextmanager
def _errors() -> Iterator[None]:
    """Raise errors of tantivy and the disk as EngineError."""
    try:
        yield
    except BaseException as error:
        if not _failed(error):
            raise
        raise EngineError(str(error)) from error


def _failed(error: BaseException) -> bool:
    """True for an error of tantivy or the disk, or a panic of tantivy (broken files), which is no Exception."""
    return isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException"


class EmbeddedEngine:
    """Implements search.engines.Engine."""

    name = "embedded"
    keeps_vectors = False

    def __init__(self, folder: Path, analysis: Analysis | None = None, table: VectorTable | None = None) -> None:
        self.folder = folder
        self.analysis = analysis
        self.table = table
        self._live = ""
        self._indexes: dict[str, tantivy.Index] = {}
        self._writers: dict[str, tantivy.IndexWriter] = {}
        self._seen: dict[str, int] = {}  # when an index that another process writes last changed
        self._opening = threading.Lock()

    # -- searching ----------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResponse:
        searcher = self._searcher()
        base = [(Occur.Must, queries.matching_query(request)), *queries.conditions(request)]
        filters = queries.facet_filters(request)
        query = Query.boolean_query([*base, *filters.values()])
        size = min(request.size, MAX_HITS - request.offset)
        if size > 0:
            result = searcher.search(query, size, count=request.count, offset=request.offset)
        else:
            result = searcher.search(query, 1, count=True)
        scored = result.hits if size > 0 else []
        hits = [as_hit(searcher.doc(address), score) for score, address in scored]
        total = int(result.count or len(hits))
        facets = queries.facet_counts(searcher, base, filters, collapse=request.collapse) if request.facets else {}
        return SearchResponse(hits, total, facets)

    def count_matches(self, nodes: Sequence[query_tree.Node], audience: frozenset[str]) -> list[int]:
        searcher, allowed = self._searcher(), (Occur.Must, queries.any_of("audience", sorted(audience)))
        queried = [Query.boolean_query([(Occur.Must, queries.compile_node(node)), allowed]) for node in nodes]
        return [int(searcher.search(query, 1, count=True).count or 0) for query in queried]

    def nearest(self, vector: Vectors, request: SearchRequest, least: float) -> list[Hit]:
        if self.table is None:
            return []
        if isinstance(self.table, StoredVectorTable):
            self.table.refresh()
        searcher = self._searcher()
        kept = [*queries.conditions(request), *queries.facet_filters(request).values()]
        nearest, found = self.table.nearest(vector, least), list[Hit]()
        # The table knows no audiences: neighbours are checked in pieces until enough of them are visible.
        while len(found) < request.size and (piece := dict(itertools.islice(nearest, _PIECE))):
            query = Query.boolean_query([(Occur.Must, queries.any_of("key", piece)), *kept])
            hits = searcher.search(query, len(piece), count=False).hits
            allowed = {hit.key: hit for hit in (as_hit(searcher.doc(address), 0) for _, address in hits)}
            found += [allowed[key]._replace(score=cosine) for key, cosine in piece.items() if key in allowed]
        return found[: request.size]

    def live(self) -> str:
        return self._current()

    def scan(self, audience: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
        searcher = self._searcher()
        query = Query.all_query() if audience is None else queries.any_of("audience", sorted(audience))
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
            with _errors():  # open it again: the files that this process has open may be deleted
                self._opened(name).searcher().search(queries.any_of("key", ["-"]), 1)
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
        version: int = 0,  # not needed, since one process writes: see search.indexing.leader
    ) -> dict[str, str]:
        self._keep(vectors)
        errors: dict[str, str] = {}
        documents, deleted = list(documents), list(deleted)
        for name in filter(None, (self._current(), building)):
            errors |= self._put(name, documents, deleted)
        return errors

    def fill(
        self,
        building: str,
        documents: Iterable[Document],
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        self._keep(vectors)
        return self._put(building, documents)

    def finish_fill(self) -> dict[str, str]:
        return {}

    def _keep(self, vectors: Mapping[str, Vectors]) -> None:
        if self.table is not None and not isinstance(self.table, StoredVectorTable):  # which reads the database itself
            self.table.put(vectors.items())

    def commit(self, building: str = "") -> None:
        for name in self._writers.keys() & {self._current(), building}:
            self._with_writer(name, tantivy.IndexWriter.commit)
            with _errors():
                self._indexes[name].reload()

    def remove_leftovers(self) -> None:
        live = self._current()
        if self.folder.exists():
            for left in self.folder.iterdir():
                if left.is_dir() and left.name != live:
                    self.discard(left.name)

    def begin(self) -> str:
        self.remove_leftovers()
        name = f"v{VERSION}-{time.time_ns():x}"
        with _errors():
            (self.folder / name).mkdir(parents=True)
            tantivy.Index(SCHEMA, path=str(self.folder / name))
        return name

    def switch(self, building: str) -> None:
        self.commit(building)
        old = self._current()
        pointer = self.folder / "current.new"
        with _errors():
            pointer.write_text(building)
            pointer.replace(self.folder / "current")
        if old:
            self.discard(old)

    def discard(self, building: str) -> None:
        self._writers.pop(building, None)
        self._indexes.pop(building, None)
        # The files stay until the readers that have them open close them.
        shutil.rmtree(self.folder / building, ignore_errors=True)

    def drop(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        self._writers.clear()
        self._indexes.clear()

    # -- internal -----------------------------------------------------------------------------

    def _current(self) -> str:
        try:
            return (self.folder / "current").read_text()
        except FileNotFoundError:
            return ""

    def _searcher(self) -> Any:
        name = self._current()
        if not name.startswith(f"v{VERSION}-"):
            raise EngineError("the index is missing or of another version; the indexer will build it")
        if name != self._live:
            if self._live not in self._writers:
                self._indexes.pop(self._live, None)
            self._live = name
        try:
            with _errors():
                return self._followed(name).searcher()
        except EngineError:
            if self._current() != name:  # the index was switched and deleted meanwhile
                return self._searcher()
            raise

    def _followed(self, name: str) -> tantivy.Index:
        index = self._open(name)
        if name not in self._writers:  # another process writes it
            changed = (self.folder / name / "meta.json").stat().st_mtime_ns
            if self._seen.get(name) != changed:
                index.reload()
                self._seen[name] = changed
        return index

    def _open(self, name: str) -> tantivy.Index:
        with self._opening:
            if (index := self._indexes.get(name)) is None:
                index = self._indexes[name] = self._opened(name)
            return index

    def _opened(self, name: str) -> tantivy.Index:
        if not (self.folder / name / "meta.json").exists():  # tantivy would create it again, empty
            raise EngineError("meta.json is missing")
        with _errors():
            index = tantivy.Index(SCHEMA, path=str(self.folder / name))
            index.config_reader("manual")
        index.register_tokenizer("terms", _TOKENIZER)  # not stored on disk
        return index

    def _put(self, name: str, documents: Iterable[Document], deleted: Iterable[str] = ()) -> dict[str, str]:
        analysis = self.analysis or vocabulary.of_index(name)

        def act(writer: tantivy.IndexWriter) -> dict[str, str]:
            for key in deleted:
                writer.delete_documents_by_term("key", key)
            return put_documents(writer, documents, analysis)

        return self._with_writer(name, act)

    def _with_writer(self, name: str, act: Callable[[tantivy.IndexWriter], _Given]) -> _Given:
        """Call `act` with the writer of an index. Raises EngineError.

        A writer that failed (a full disk) never writes again, so it is replaced at the next call. What it had not
        committed is lost.
        """
        try:
            if name not in self._writers:
                self._writers[name] = self._open(name).writer(_HEAP, 1)
            return act(self._writers[name])
        except BaseException as error:
            if not _failed(error):  # LockBusy is a failure as well
                raise
            said = str(error)
        # No traceback may hold the writer: its lock is released when nothing refers to it.
        self._writers.pop(name, None)
        raise EngineError(said)
