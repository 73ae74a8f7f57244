"""HTTP to Elasticsearch with one deadline for connecting, TLS, the request and the whole response.

The timeouts of urllib3 restart with every byte, so a server that sends one a second would hold up a page for minutes.
(Host name lookup is up to the operating system and not bounded.)
"""

import http.client
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import urllib3
from elastic_transport import NodeConfig, TransportError, Urllib3HttpNode

_seconds: ContextVar[float | None] = ContextVar("elasticsearch_seconds", default=None)


@contextmanager
def request_deadline(seconds: float) -> Iterator[None]:
    """Limit each request inside the block to `seconds`, whatever the client's timeout.

    (The client's own way, a copy of itself with other options, takes as long as a request.)
    """
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


class _Reader(io.RawIOBase):
    """A socket's file that raises TimeoutError once the socket's present timeout has passed."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock = raw, sock
        timeout = sock.gettimeout()
        self._ends = None if timeout is None else time.monotonic() + timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._ends is not None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("the response was not complete in time")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response that is read as a whole before its deadline."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))


class DeadlineNode(Urllib3HttpNode):
    """The client's node, with a `request_timeout` that bounds the whole request."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        connection: Any = self.pool.ConnectionCls
        self.pool.ConnectionCls = type("DeadlineConnection", (connection,), {"response_class": _Response})

    def perform_request(self, *args: Any, request_timeout: Any = None, **kwargs: Any) -> Any:
        """Perform the request as the client does, within the deadline."""
        if (seconds := _seconds.get()) is not None:
            request_timeout = seconds
        if isinstance(request_timeout, int | float):
            kwargs["request_timeout"] = urllib3.Timeout(total=request_timeout)
        elif request_timeout is not None:
            kwargs["request_timeout"] = request_timeout
        response = super().perform_request(*args, **kwargs)
        # The client checks only the first response; a proxy may send later ones.
        if response.meta.status < 300 and "x-elastic-product" not in response.meta.headers:
            raise TransportError("the response is not from Elasticsearch")
        return response
