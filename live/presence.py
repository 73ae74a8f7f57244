"""Who is there: kept in the cache under a name, where it expires by itself.

A socket renews it every HEARTBEAT seconds. A page that works without sockets does so when it is loaded.
"""

from collections.abc import Collection

from web.limits import cache

HEARTBEAT = 25  # seconds between pings of a client
FADES = 70  # seconds until presence expires that nobody renews


def renew(name: str) -> None:
    """Somebody is there from now on."""
    cache.set(name, 1, FADES)


def end(name: str) -> None:
    """Nobody is there any more."""
    cache.delete(name)


def present(names: Collection[str]) -> set[str]:
    """Return those names under which somebody is there. One call of the cache."""
    return set(cache.get_many(names)) if names else set()


def first(name: str) -> bool:
    """True for the first call with this name in FADES seconds."""
    return bool(cache.add(name, 1, FADES))
