"""Search engines. The site uses the one that settings choose: `get()`."""

from functools import lru_cache

from django.conf import settings

from search import embeddings
from search.embeddings.providers import Provider
from search.embeddings.table import VectorTable
from search.engines.protocol import (
    MAX_RESULTS,
    Engine,
    EngineError,
    EngineUnavailable,
    Hit,
    SearchRequest,
    SearchResponse,
    VersionConflict,
)
from search.language.analysis import BY_DICTIONARY, Analysis

__all__ = [
    "MAX_RESULTS",
    "Engine",
    "EngineUnavailable",
    "EngineError",
    "SearchResponse",
    "Hit",
    "VersionConflict",
    "SearchRequest",
    "get",
    "make",
]


def make(name: str, *, scratch: str = "", analysis: Analysis | None = None, provider: Provider | None = None) -> Engine:
    """Return an engine by name, `elastic` or `embedded`.

    With `scratch` it has an index of that name of its own, written by `analysis` (by default the dictionaries alone),
    with vectors by `provider`, if any.
    """
    if scratch:
        analysis = analysis or BY_DICTIONARY
    else:
        provider = embeddings.provider()
    if name == "elastic":
        from search.engines.elastic import SEARCH_TIMEOUT, WRITE_TIMEOUT, ElasticEngine

        timeout = WRITE_TIMEOUT if scratch else SEARCH_TIMEOUT  # no request waits for a scratch index
        return ElasticEngine(
            settings.ELASTICSEARCH_URL, scratch or settings.SEARCH_INDEX_PREFIX, timeout, analysis, provider
        )
    if name == "embedded":
        from search.engines.embedded import EmbeddedEngine

        folder = settings.SEARCH_DIR.with_name(scratch) if scratch else settings.SEARCH_DIR
        return EmbeddedEngine(folder, analysis, _table(provider, scratch))
    raise ValueError(f"no such engine: {name!r}")


def _table(provider: Provider | None, scratch: str) -> VectorTable | None:
    if provider is None:
        return None
    return VectorTable() if scratch else embeddings.stored_table(provider.name)


@lru_cache(maxsize=1)
def get() -> Engine:
    """Return the engine of this site: Elasticsearch if its address is set, otherwise the embedded one."""
    return make("elastic" if settings.ELASTICSEARCH_URL else "embedded")
