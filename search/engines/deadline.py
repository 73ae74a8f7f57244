"""HTTP to Elasticsearch with an end in time: connecting, TLS, asking and the last byte of the answer together.

The timeouts of urllib3 begin anew with every byte, so a server that sends one a second would keep a page for minutes.
(Looking up a host name is the operating system's and not bounded.)
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
    """Each request inside the block may take so long, whatever the client allows. (The client's own way is a copy of
    itself for each request, which takes as long as sending one.)"""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


class _Reader(io.RawIOBase):
    """A socket's file that raises TimeoutError once the timeout that the socket has now is over."""

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
                raise TimeoutError("the answer did not come whole in time")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response that is read whole before its deadline."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))


class DeadlineNode(Urllib3HttpNode):
    """The client's own node, whose `request_timeout` bounds the whole request."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        connection: Any = self.pool.ConnectionCls
        self.pool.ConnectionCls = type("DeadlineConnection", (connection,), {"response_class": _Response})

    def perform_request(self, *args: Any, request_timeout: Any = None, **kwargs: Any) -> Any:
        """See the client's own."""
        if (seconds := _seconds.get()) is not None:
            request_timeout = seconds
        if isinstance(request_timeout, int | float):
            kwargs["request_timeout"] = urllib3.Timeout(total=request_timeout)
        elif request_timeout is not None:
            kwargs["request_timeout"] = request_timeout
        response = super().perform_request(*args, **kwargs)
        # The client itself looks at the first answer only; a proxy may answer later ones.
        if response.meta.status < 300 and "x-elastic-product" not in response.meta.headers:
            raise TransportError("the answer is not Elasticsearch's")
        return response
