"""Documents to the live index and to the one that is being built."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import chain
from typing import Any

from search import vocabulary
from search.embeddings.providers import Vectors
from search.engines import NO_VECTORS
from search.engines.elastic.connection import errors
from search.engines.elastic.documents import ANSWER, Chunk, chunks, refused, source
from search.engines.elastic.indexes import Indexes, filling
from search.language.analysis import Analysis
from search.sources import Document

_AT_ONCE = 2  # bulk requests under way while the next is being made, or its rows read


class Writing(Indexes):
    """What an engine is given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pool = ThreadPoolExecutor(_AT_ONCE)  # its threads begin with the first rebuild
        self._under_way: deque[Future[dict[str, str]]] = deque()

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
        targets = [(self.alias, self.live())] + [(filling(building), building)] * bool(building)
        for alias, index in targets:
            removed = (("delete", key, None) for key in deleted)
            for chunk in chunks(chain(removed, _put(documents, self._analysis(index), vectors)), version):
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
        for chunk in chunks(_put(documents, analysis, vectors), version):
            if len(self._under_way) == _AT_ONCE:
                found |= self._under_way.popleft().result()
            self._under_way.append(self._pool.submit(self._send, filling(building), chunk))
        return found

    def filled(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self._under_way:
            found |= self._under_way.popleft().result()
        return found

    def switch(self, building: str) -> None:
        self.filled()
        super().switch(building)

    def discard(self, building: str) -> None:
        self._give_up()
        super().discard(building)

    def drop(self) -> None:
        self._give_up()
        super().drop()

    def _give_up(self) -> None:
        wait(self._under_way)  # it is of no use any more, and nothing of it is to come later
        self._under_way.clear()

    def _analysis(self, index: str) -> Analysis:
        return self.analysis or vocabulary.of(index)

    def _send(self, alias: str, chunk: Chunk) -> dict[str, str]:
        lines: Any = chunk.lines  # ready: the client sends bytes as they are
        with errors():
            # Without require_alias an index that is gone would be made anew, with guessed mappings.
            answer = self.client.bulk(index=alias, operations=lines, require_alias=True, filter_path=ANSWER)
        return refused(chunk, answer.body)

    def commit(self, building: str = "") -> None:
        with errors():
            self.client.indices.refresh(index=[self.alias, building] if building else self.alias)


def _put(
    documents: Iterable[Document], analysis: Analysis, vectors: Mapping[str, Vectors]
) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    for document in documents:
        yield "index", document.key, source(document, analysis, vectors.get(document.key))
