"""What clients saw, on disk before they go on: JSON lines with `at` (seconds), `who`, `act` and more by act.

| act | more | |
| --- | --- | --- |
| `say` | `conversation`, `id`, `text` | a message is on its way, until it is acknowledged |
| `ack` | `conversation`, `id`, `number` | the server said that it is saved |
| `open`, `lost` | `conversation` | a socket is subscribed, or closed |
| `gone` | `conversation` | the server said that it is not there for this person |
| `send` | `kind`, `word` | a form is on its way; the word is in nothing else |
| `made` | `kind`, `word` | the server said that it is saved; of an answer `about` is the word of its question |
| `page` | `path`, `status`, `seconds`, `ours`, `degraded` | an answer; 0: none came. `ours`: with Retry-After |
| `refused` | `kind`, `word`, `said` | a form was not taken |
| `begin`, `back`, `over` | `experiment` | the fault begins; what was broken is back; everything was checked |
| `seconds` | `what`, `seconds`, `most` | something that was timed, and how long it may take |
"""

import json
import threading
import time
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class History:
    """Appends to a file; safe from several threads."""

    def __init__(self, path: Path) -> None:
        self.rows: list[Row] = []
        self._lock = threading.Lock()
        self._file = path.open("a")

    def note(self, who: str, act: str, **more: Any) -> Row:
        """Write what happened, on disk before this returns."""
        row = {"at": time.monotonic(), "who": who, "act": act, **more}
        with self._lock:
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()
            self.rows.append(row)
        return row

    def close(self) -> None:
        """No more is written."""
        self._file.close()


def read(path: Path) -> list[Row]:
    """The rows of a file, as another process wrote them."""
    return [json.loads(line) for line in path.read_text().splitlines()]
