"""Several at the same moment: each in a thread of its own, with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """Call all of them when all are ready; what they returned, in their order. Raises what the first of them raised."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], Result]) -> Result:
        start.wait(timeout=10)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(begin, act) for act in acts]]
