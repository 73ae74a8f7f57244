"""Viewers that are nobody in particular."""

from dataclasses import dataclass

PUBLIC = "public"  # the one audience key that every viewer holds


@dataclass(frozen=True, slots=True)
class Readers:
    """Whoever holds these keys."""

    keys: frozenset[str]


EVERYBODY = Readers(frozenset({PUBLIC}))  # whoever is not signed in
