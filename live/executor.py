"""The database executor of sockets: threads of their own, so that sockets and pages do not hold up each other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection

T = TypeVar("T")
_executors: dict[str, ThreadPoolExecutor] = {}


async def run(function: Callable[..., T], *args: Any) -> T:
    """Run a function that uses the database in one of CHAT_THREADS threads."""
    return await _run("live", settings.CHAT_THREADS, function, args)


async def run_apart(function: Callable[..., T], *args: Any) -> T:
    """Run a function in one further thread: for what must not wait while all others wait for a lock."""
    return await _run("live-rights", 1, function, args)


async def _run(name: str, threads: int, function: Callable[..., T], args: tuple[Any, ...]) -> T:
    if name not in _executors:
        _executors[name] = ThreadPoolExecutor(threads, thread_name_prefix=name)
    return await asyncio.get_running_loop().run_in_executor(_executors[name], _call, function, args)


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
    while _executors:
        _name, executor = _executors.popitem()
        for _ in range(settings.CHAT_THREADS):
            executor.submit(connection.close)
        executor.shutdown(wait=True)
