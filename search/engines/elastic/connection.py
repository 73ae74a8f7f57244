"""The client of Elasticsearch, its errors as EngineError, and its circuit breaker."""

from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import ApiError, Elasticsearch, TransportError, helpers

from search import time_budget
from search.embeddings.providers import Provider
from search.engines.access import client_options, safe_address
from search.engines.deadline import DeadlineNode, request_deadline
from search.engines.elastic.schema import mappings
from search.engines.protocol import EngineError, EngineUnavailable
from search.language.analysis import Analysis
from web.breaker import Breaker, BreakerOpen

SEARCH_TIMEOUT = 0.5  # seconds, within what search.time_budget leaves
LEAST_SECONDS = 0.03  # with less time left no request is sent
WRITE_TIMEOUT = 30.0


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raise errors of Elasticsearch and its client as EngineError."""
    try:
        yield
    except (ApiError, TransportError, helpers.ScanError) as error:
        raise EngineError(f"{type(error).__name__}: {error}"[:500]) from error


def _does_not_answer(error: BaseException) -> bool:
    """True if the server is down, overloaded or denies access; False if it answered that the request is wrong."""
    cause = error.__cause__
    if isinstance(cause, ApiError):
        return cause.status_code in (401, 403, 408, 429) or cause.status_code >= 500 or cause.status_code < 300
    return isinstance(cause, TransportError)


def open_client(url: str) -> Elasticsearch:
    """Return a client with the credentials and certificates of settings. Its timeouts bound whole requests."""
    return Elasticsearch(
        safe_address(url), node_class=DeadlineNode, request_timeout=WRITE_TIMEOUT, max_retries=0,
        retry_on_timeout=False, connections_per_node=64, **client_options(url),
    )  # fmt: skip


class ElasticConnection:
    """The connection of one installation: its alias at one server."""

    def __init__(
        self,
        url: str,
        prefix: str,
        timeout: float = SEARCH_TIMEOUT,
        analysis: Analysis | None = None,
        provider: Provider | None = None,
    ) -> None:
        self.alias = prefix
        self.timeout = timeout  # seconds that a search may take
        self.url = url
        self.analysis = analysis
        self.mappings = mappings(provider)
        self._client: Elasticsearch | None = None
        self.breaker = Breaker("Elasticsearch", _does_not_answer)

    @property
    def client(self) -> Elasticsearch:
        """The client, opened at first use and again after `close()`."""
        if self._client is None:
            self._client = open_client(self.url)
        return self._client

    @contextmanager
    def asking(self) -> Iterator[Elasticsearch]:
        """Yield the client for one request that a person waits for, within the time budget and the breaker."""
        seconds = time_budget.remaining(self.timeout)
        if seconds < LEAST_SECONDS:
            raise EngineUnavailable("the time budget of this page is used up")
        try:
            with self.breaker.attempt(), engine_errors(), request_deadline(seconds):
                yield self.client
        except BreakerOpen as error:
            raise EngineUnavailable(str(error)) from error
        except EngineError as error:
            if _does_not_answer(error):  # the breaker has logged it, once
                raise EngineUnavailable(str(error)) from error
            raise

    def health(self) -> dict[str, object]:
        """Return the state of this process's breaker."""
        return self.breaker.report()

    def close(self) -> None:
        """Close the client."""
        if self._client is not None:
            self._client.close()
            self._client = None
