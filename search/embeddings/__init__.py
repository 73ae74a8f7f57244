"""Semantic search: sentence embeddings of documents and queries, in one space for every language of the site.

`SEARCH_MEANING` chooses the provider: `package` (a model inside a package, the default), `endpoint` (an
OpenAI-compatible service) or `off`. Without a provider, or while it does not answer, search is by words alone.
"""

import logging
from functools import lru_cache
from threading import Lock, Thread

from django.conf import settings
from django.db import connection

from search.embeddings import vectors
from search.embeddings.providers import Endpoint, Provider, SentenceEncoder, Vectors
from search.embeddings.stored_table import StoredVectorTable
from web.breaker import Breaker, BreakerOpen

logger = logging.getLogger(__name__)
breaker = Breaker("The provider of meaning", lambda error: isinstance(error, OSError))
_loading = Lock()


@lru_cache(maxsize=1)
def provider() -> Provider | None:
    """Return the provider that settings choose; None when it is off. Raises ValueError for unknown settings."""
    if settings.SEARCH_MEANING == "package":
        return SentenceEncoder()
    if settings.SEARCH_MEANING == "endpoint":
        return Endpoint(
            settings.SEARCH_MEANING_URL,
            settings.SEARCH_MEANING_MODEL,
            settings.SEARCH_MEANING_DIMENSIONS,
            settings.SEARCH_MEANING_KEY,
        )
    if settings.SEARCH_MEANING == "off":
        return None
    raise ValueError(f"SEARCH_MEANING is {settings.SEARCH_MEANING!r}, not package, endpoint or off")


def query_vector(text: str, model: Provider | None = None) -> Vectors | None:
    """Return the vector of a query; None without a provider, or when it does not answer or is still loading."""
    model = model or provider()
    if model is None or not text.strip():
        return None
    if not model.ready():
        _load(model)
        return None
    try:
        with breaker.attempt():
            return vectors.query(model, text)
    except BreakerOpen:
        return None
    except OSError as error:
        logger.warning("search: no query vector: %s", error)
        return None


def warm() -> None:
    """Start to load the model in the background, so that no request waits for it."""
    ready()


def ready() -> bool:
    """True if the model is loaded or there is none. Otherwise start to load it in the background."""
    model = provider()
    if model is None or model.ready():
        return True
    _load(model)
    return False


def _load(model: Provider) -> None:
    if _loading.acquire(blocking=False):
        Thread(target=_loaded, args=(model,), name="search-meaning", daemon=True).start()


def _loaded(model: Provider) -> None:
    try:
        model.encode(["Vraagbaak"])
        if not settings.ELASTICSEARCH_URL:
            stored_table(model.name).refresh()
    except Exception:
        logger.exception("search: the model of meaning cannot be loaded")
    finally:
        connection.close()  # that of this thread
        _loading.release()


def look_again() -> None:
    """Have the next search know the vectors that another process has just made."""
    model = provider()
    if model is not None and model.ready():
        stored_table(model.name).renew()


@lru_cache(maxsize=1)
def stored_table(name: str) -> StoredVectorTable:
    """Return the table of the site's vectors by that provider, in memory: for the embedded engine."""
    return StoredVectorTable(name)
