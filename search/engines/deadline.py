"""HTTP to Elasticsearch with an end in time: connecting, TLS, asking and the last byte of the answer together.

The timeouts of urllib3 begin anew with every byte, so a server that sends one a second would keep a page for minutes.
(Looking up a host name is the operating system's and not bounded.)
"""

import http.client
import io
import time
from typing import Any

import urllib3
from elastic_transport import NodeConfig, Urllib3HttpNode


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
        if isinstance(request_timeout, int | float):
            kwargs["request_timeout"] = urllib3.Timeout(total=request_timeout)
        elif request_timeout is not None:
            kwargs["request_timeout"] = request_timeout
        return super().perform_request(*args, **kwargs)
