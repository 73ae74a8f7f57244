"""Viewers that are nobody in particular."""

from dataclasses import dataclass

PUBLIC = "public"  # the one audience key that every viewer holds


@dataclass(frozen=True, slots=True)
class AudienceViewer:
    """Whoever holds these keys."""

    keys: frozenset[str]


EVERYBODY = AudienceViewer(frozenset({PUBLIC}))  # whoever is not signed in
