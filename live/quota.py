"""How many sockets of this process one person may open, and how fast they may send. Counted in memory: without query.

`web.limits.who` says who is counted: a signed-in person, or the network address of everybody else. Each process counts
for itself, so with N processes a person may have N times as much.
"""

import math
import time
from collections import defaultdict
from typing import Any

from django.conf import settings

MANY = 10_000  # buckets kept; beyond that those that are full again are dropped


class Buckets:
    """Buckets of one scope of settings.RATE_LIMITS: as many tokens as it allows, refilled evenly."""

    def __init__(self, scope: str) -> None:
        number, seconds = settings.RATE_LIMITS[scope]
        self.size, self.each = float(seconds), seconds / number
        self._full: dict[str, float] = {}  # who → when their bucket will be full again

    def take(self, who: str) -> int:
        """Take a token. Return 0, or the whole seconds to wait for one."""
        now = time.monotonic()
        full = max(self._full.get(who, now), now) + self.each
        if full - now > self.size:
            return max(1, math.ceil(full - now - self.size))
        self._full[who] = full
        if len(self._full) > MANY:
            self._full = {name: when for name, when in self._full.items() if when > now}
        return 0


class Quota:
    """The sockets of each person, and how fast they may open them and send."""

    def __init__(self) -> None:
        self.knocking = Buckets("socket.knock")
        self.opening = Buckets("socket.open")
        self.frames = Buckets("socket.frame")
        self.work = Buckets("socket.work")
        self._sockets: dict[str, set[Any]] = defaultdict(set)

    def enter(self, who: str, socket: Any) -> bool:
        """Count a socket. Return False when this person has as many as they may; `leave` gives the place back."""
        kind = "person" if who.startswith("user:") else "address"
        if len(self._sockets[who]) >= settings.SOCKET_LIMITS[f"sockets.{kind}"]:
            return False
        self._sockets[who].add(socket)
        return True

    def leave(self, who: str, socket: Any) -> None:
        """Count a socket no more that closed."""
        self._sockets[who].discard(socket)
        if not self._sockets[who]:
            del self._sockets[who]

    def may_subscribe(self, who: str) -> bool:
        """True if this person's sockets together may enter one more room with a log."""
        followed = sum(len(socket.logs) for socket in self._sockets.get(who, ()))
        return followed < int(settings.SOCKET_LIMITS["subscriptions"])
