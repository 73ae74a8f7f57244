"""Bulk requests to the live index and to the one that is being built."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import chain
from typing import Any

from search import vocabulary
from search.embeddings.providers import Vectors
from search.engines.elastic.connection import engine_errors
from search.engines.elastic.documents import FILTER_PATH, BulkRequest, bulk_requests, document_fields, refused_documents
from search.engines.elastic.indexes import IndexMixin, filling_alias
from search.engines.protocol import NO_VECTORS
from search.language.analysis import Analysis
from search.sources import Document

_AT_ONCE = 2  # bulk requests in progress while the next one is made, or its rows are read


class BulkMixin(IndexMixin):
    """The part of the engine that writes documents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pool = ThreadPoolExecutor(_AT_ONCE)  # its threads start with the first rebuild
        self._in_progress: deque[Future[dict[str, str]]] = deque()

    def write(
        self,
        documents: Iterable[Document],
        deleted: Iterable[str],
        building: str = "",
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        """See search.engines.Engine, here and below."""
        documents, deleted = list(documents), list(deleted)
        found: dict[str, str] = {}
        targets = [(self.alias, self.live())] + [(filling_alias(building), building)] * bool(building)
        for alias, index in targets:
            removed = (("delete", key, None) for key in deleted)
            for chunk in bulk_requests(chain(removed, _put(documents, self._analysis(index), vectors)), version):
                found |= self._send(alias, chunk)
        return found

    def fill(
        self,
        building: str,
        documents: Iterable[Document],
        vectors: Mapping[str, Vectors] = NO_VECTORS,
        version: int = 0,
    ) -> dict[str, str]:
        analysis = self._analysis(building)
        found: dict[str, str] = {}
        for chunk in bulk_requests(_put(documents, analysis, vectors), version):
            if len(self._in_progress) == _AT_ONCE:
                found |= self._in_progress.popleft().result()
            self._in_progress.append(self._pool.submit(self._send, filling_alias(building), chunk))
        return found

    def finish_fill(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self._in_progress:
            found |= self._in_progress.popleft().result()
        return found

    def switch(self, building: str) -> None:
        self.finish_fill()
        super().switch(building)

    def discard(self, building: str) -> None:
        self._wait_and_drop()
        super().discard(building)

    def drop(self) -> None:
        self._wait_and_drop()
        super().drop()

    def _wait_and_drop(self) -> None:
        wait(self._in_progress)  # nothing may arrive after the index is deleted
        self._in_progress.clear()

    def _analysis(self, index: str) -> Analysis:
        return self.analysis or vocabulary.of_index(index)

    def _send(self, alias: str, chunk: BulkRequest) -> dict[str, str]:
        lines: Any = chunk.lines  # encoded: the client sends bytes as they are
        with engine_errors():
            # Without require_alias a deleted index would be created again, with dynamic mappings.
            answer = self.client.bulk(index=alias, operations=lines, require_alias=True, filter_path=FILTER_PATH)
        return refused_documents(chunk, answer.body)

    def commit(self, building: str = "") -> None:
        with engine_errors():
            self.client.indices.refresh(index=[self.alias, building] if building else self.alias)


def _put(
    documents: Iterable[Document], analysis: Analysis, vectors: Mapping[str, Vectors]
) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    for document in documents:
        yield "index", document.key, document_fields(document, analysis, vectors.get(document.key))
