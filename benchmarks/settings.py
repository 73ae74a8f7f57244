"""The product's settings for benchmarks/search.py: an empty view beside the product's own, and limits never reached."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
# Counted all the same.
ADDRESS_LIMITS: dict[str, tuple[int, int]] = {}
RATE_LIMITS = {name: (10**9, seconds) for name, (_many, seconds) in RATE_LIMITS.items()}  # noqa: F405
