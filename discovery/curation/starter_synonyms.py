"""The starter list: synonyms and abbreviations that a new site can begin with, out of starter/*.yaml (see README.md).

Rows of it are known by their key, so that what was added once, and changed or removed since, is left alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models.functions import Substr

from search.curation import snapshot
from search.language import LANGUAGES
from search.models import StarterRow, Synonym
from search.models.curation import MOST_ROWS, folded, terms_of

FOLDER = Path(__file__).parent / "starter"
ARROW = "->"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list: terms that mean the same, or with `to`, terms that find these as well."""

    language: str
    terms: tuple[str, ...]
    to: tuple[str, ...]
    note: str  # its group, and why it is as it is

    @property
    def key(self) -> str:
        """By what the row is known: language, direction and first term."""
        return f"{self.language}{'>' if self.to else '='}{folded(self.terms[0])}"

    @property
    def words(self) -> frozenset[str]:
        """All its terms, folded."""
        return frozenset(map(folded, self.terms + self.to))

    def synonym(self) -> Synonym:
        """The unsaved row for curators."""
        return Synonym(
            language=self.language,
            terms="\n".join(self.terms),
            to="\n".join(self.to),
            note=self.note,
            origin=Synonym.Origin.STARTER,
        )


@dataclass(slots=True)
class Plan:
    """What adding the list does. Every row of it is in one of these."""

    new: list[Row] = field(default_factory=list)
    there: list[Row] = field(default_factory=list)  # added before, and still there
    removed: list[Row] = field(default_factory=list)  # added before, and removed here since
    covered: list[Row] = field(default_factory=list)  # all its words stand together in a row of the curators' own
    room: int = 0  # rows that there is room for

    @property
    def fits(self) -> bool:
        """Whether there is room for all that is new."""
        return len(self.new) <= self.room


class NoRoom(Exception):
    """There would be more rows than every process should keep in memory."""


@lru_cache(maxsize=len(LANGUAGES))
def rows(language: str) -> tuple[Row, ...]:
    """The list of one language, in the order of the file."""
    found = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return tuple(_row(language, group["title"], line) for group in found["groups"] for line in group["rows"])


@lru_cache(maxsize=len(LANGUAGES))
def ambiguous(language: str) -> frozenset[str]:
    """Words with several meanings, folded: other words are never found in place of them."""
    found = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return frozenset(map(folded, found["ambiguous"]))


def _row(language: str, title: str, line: str | dict[str, str]) -> Row:
    text, why = (line, "") if isinstance(line, str) else (line["row"], line["note"])
    here, _arrow, there = text.partition(ARROW)
    return Row(language, tuple(terms_of(here)), tuple(terms_of(there)), f"{title}. {why}" if why else title)


def plan(languages: Iterable[str] = LANGUAGES, *, again: bool = False) -> Plan:
    """What adding the lists of these languages would do. `again`: what was removed here is new as well. Two queries."""
    known = dict(StarterRow.objects.values_list("key", "row"))
    own = list(Synonym.objects.all())
    found = Plan(room=MOST_ROWS - len(own))
    for language in languages:
        sets = _sets(own, language)
        for row in rows(language):
            if known.get(row.key):
                found.there.append(row)
            elif any(row.words <= each for each in sets[folded(row.terms[0])]):
                found.covered.append(row)
            elif row.key in known and not again:
                found.removed.append(row)
            else:
                found.new.append(row)
    return found


def _sets(own: Iterable[Synonym], language: str) -> defaultdict[str, list[frozenset[str]]]:
    """The words that stand together in a row, by each of them. In whichever direction and active or not: somebody has
    thought of them already."""
    sets: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for row in own:
        if row.language in ("", language):
            words = frozenset().union(*row.meaning())
            for word in words:
                sets[word].append(words)
    return sets


def keep(new: Collection[Row], by: Any) -> None:
    """Write rows, in a transaction of the caller's. Raises NoRoom."""
    if Synonym.objects.count() + len(new) > MOST_ROWS:
        raise NoRoom
    made = [row.synonym() for row in new]
    for each in made:
        each.changed_by = by
    with snapshot.batch_changes():
        Synonym.objects.bulk_create(made)
        StarterRow.objects.filter(key__in=[row.key for row in new]).delete()
        StarterRow.objects.bulk_create(StarterRow(key=row.key, row=each) for row, each in zip(new, made, strict=True))


def unchanged(languages: Iterable[str] = LANGUAGES) -> Any:
    """The rows that are as the list gave them."""
    return (
        Synonym.objects.filter(origin=Synonym.Origin.STARTER, starter__isnull=False)
        .alias(listed=Substr("starter__key", 1, 2))
        .filter(listed__in=list(languages))
    )


def drop(languages: Iterable[str] = LANGUAGES) -> int:
    """Remove the rows that are as the list gave them, and forget that they were added; how many there were. In a
    transaction of the caller's."""
    found = list(unchanged(languages).values_list("pk", flat=True))
    with snapshot.batch_changes():
        StarterRow.objects.filter(row__in=found).delete()
        Synonym.objects.filter(pk__in=found).delete()
    return len(found)
