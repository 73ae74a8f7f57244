"""Reaching Elasticsearch: the client, its failures as EngineError, and asking it only while it answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from elasticsearch import ApiError, Elasticsearch, TransportError, helpers

from search import time_budget
from search.embeddings.providers import Provider
from search.engines import EngineAway, EngineError
from search.engines.access import address, options
from search.engines.deadline import DeadlineNode, within
from search.engines.elastic.schema import mappings
from search.language.analysis import Analysis
from web.breaker import Breaker, Refused

SEARCH_TIMEOUT = 0.5  # seconds, of what search.time_budget leaves
LEAST = 0.03  # with less time than this left nothing is asked any more
WRITE_TIMEOUT = 30.0


@contextmanager
def errors() -> Iterator[None]:
    """What Elasticsearch or its client raises, as EngineError."""
    try:
        yield
    except (ApiError, TransportError, helpers.ScanError) as error:
        raise EngineError(f"{type(error).__name__}: {error}"[:500]) from error


def _does_not_answer(error: BaseException) -> bool:
    """Whether an EngineError says that the server is away, overloaded or will not let us in; not that it said no."""
    cause = error.__cause__
    if isinstance(cause, ApiError):
        return cause.status_code in (401, 403, 408, 429) or cause.status_code >= 500 or cause.status_code < 300
    return isinstance(cause, TransportError)


def open_client(url: str) -> Elasticsearch:
    """A client with the credentials and certificates of settings, whose timeouts bound whole requests."""
    return Elasticsearch(
        address(url), node_class=DeadlineNode, request_timeout=WRITE_TIMEOUT, max_retries=0, retry_on_timeout=False,
        connections_per_node=64, **options(url),
    )  # fmt: skip


class Connection:
    """One installation's alias at one server."""

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
        """Opened when first used, and again after `close()`."""
        if self._client is None:
            self._client = open_client(self.url)
        return self._client

    @contextmanager
    def asking(self) -> Iterator[Elasticsearch]:
        """The client, for one question of somebody who waits: in the shared time, and not while it does not answer."""
        seconds = time_budget.left(self.timeout)
        if seconds < LEAST:
            raise EngineAway("the time for this page is up")
        try:
            with self.breaker.attempt(), errors(), within(seconds):
                yield self.client
        except Refused as error:
            raise EngineAway(str(error)) from error
        except EngineError as error:
            if _does_not_answer(error):  # the breaker has said so, once
                raise EngineAway(str(error)) from error
            raise

    def health(self) -> dict[str, object]:
        """What the breaker of this process knows."""
        return self.breaker.report()

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None
