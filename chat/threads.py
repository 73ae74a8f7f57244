"""Database work of sockets: a few threads of their own, so that sockets and pages do not wait for each other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection

T = TypeVar("T")
_executor: ThreadPoolExecutor | None = None


async def run(function: Callable[..., T], *args: Any) -> T:
    """Run a function that uses the database in one of CHAT_THREADS threads."""
    global _executor
    if _executor is None:
        _executor = ThreadPoolExecutor(settings.CHAT_THREADS, thread_name_prefix="chat")
    return await asyncio.get_running_loop().run_in_executor(_executor, _call, function, args)


def _call(function: Callable[..., T], args: tuple[Any, ...]) -> T:
    sqlite = connection.vendor == "sqlite"
    if not sqlite:
        close_old_connections()
    try:
        return function(*args)
    except BaseException:
        if sqlite:
            connection.close()
        raise
    finally:
        # Opening SQLite costs 4 to 5 ms with this schema, and these threads are few and live long: theirs stays open.
        # PostgreSQL connections go back to the pool.
        if not sqlite:
            close_old_connections()


def close() -> None:
    """End the threads and their connections; the next call starts new ones."""
    global _executor
    executor, _executor = _executor, None
    if executor is None:
        return
    for _ in range(settings.CHAT_THREADS):
        executor.submit(connection.close)
    executor.shutdown(wait=True)
