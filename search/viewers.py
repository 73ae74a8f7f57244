"""Viewers that are no person."""

from dataclasses import dataclass

PUBLIC = "public"  # the one audience key that every viewer holds


@dataclass(frozen=True, slots=True)
class AudienceViewer:
    """A viewer with these audience keys."""

    keys: frozenset[str]


EVERYBODY = AudienceViewer(frozenset({PUBLIC}))  # an anonymous visitor
