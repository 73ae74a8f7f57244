"""Work beside the requests. The embedded set-up runs it as threads of the server process."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from web.backoff import Backoff
from web.packages import Package, composed, merged

logger = logging.getLogger(__name__)
Loop = Callable[[threading.Event], None]


@composed
def loops(packages: tuple[Package, ...]) -> dict[str, Loop]:
    """What runs beside the server, by name."""
    return merged(package.loops for package in packages)


def keep_looking(
    look: Callable[[], None],
    *,
    told: threading.Event,
    stop: threading.Event,
    pause: float,
    failed: Callable[[int], None],
) -> None:
    """Call `look` whenever `told` is set, and every `pause` seconds, until `stop` is set.

    It survives any failure, such as of a restarting database: `failed` is called while the exception is handled, with
    the number of failures in a row before it, and `look` is called again after growing pauses.
    """
    backoff = Backoff(pause, 30)
    while not stop.is_set():
        told.wait(pause)
        told.clear()
        try:
            if not backoff.left():
                look()
                backoff.succeeded()
        except Exception:  # noqa: BLE001  # `failed` logs it
            failed(backoff.failures)
            backoff.failed()
        finally:
            close_old_connections()


class Lifespan:
    """The ASGI lifespan protocol: starts the threads when the server starts, ends them when it stops."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.threads: list[threading.Thread] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.stop.set()
                for thread in self.threads:
                    thread.join(timeout=5)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """Start a daemon thread for each loop, unless other processes do that work."""
        if not settings.BACKGROUND_THREADS:
            return
        for name, loop in loops().items():
            thread = threading.Thread(target=loop, args=(self.stop,), name=name, daemon=True)
            thread.start()
            self.threads.append(thread)
