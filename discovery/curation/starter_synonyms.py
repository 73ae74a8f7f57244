"""The starter list: synonyms and abbreviations for a new site, from starter/*.yaml (see README.md).

Its rows have keys, so that a row which was added once, and changed or removed since, is left alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml
from django.db.models import QuerySet
from django.db.models.functions import Substr

from accounts.audiences import Person
from search.curation import snapshot
from search.language import LANGUAGES
from search.models import StarterRow, Synonym
from search.models.curation import MOST_ROWS, folded, terms_of

FOLDER = Path(__file__).parent / "starter"
ARROW = "->"


@dataclass(frozen=True, slots=True)
class ListedSynonym:
    """A row of the list: terms that mean the same, or with `to`, terms for which those are found as well."""

    language: str
    terms: tuple[str, ...]
    to: tuple[str, ...]
    note: str  # its group, and the reason for it if there is one

    @property
    def key(self) -> str:
        """The row's identity: language, direction and first term."""
        return f"{self.language}{'>' if self.to else '='}{folded(self.terms[0])}"

    @property
    def words(self) -> frozenset[str]:
        """All its terms, folded."""
        return frozenset(map(folded, self.terms + self.to))

    def synonym(self) -> Synonym:
        """Return the unsaved Synonym."""
        return Synonym(
            language=self.language,
            terms="\n".join(self.terms),
            to="\n".join(self.to),
            note=self.note,
            origin=Synonym.Origin.STARTER,
        )


@dataclass(slots=True)
class Plan:
    """What adding the list does. Every row of it is in one of the four lists."""

    new: list[ListedSynonym] = field(default_factory=list)
    there: list[ListedSynonym] = field(default_factory=list)  # added before, and still there
    removed: list[ListedSynonym] = field(default_factory=list)  # added before, and removed here since
    covered: list[ListedSynonym] = field(default_factory=list)  # one row of the curators' own has all its words
    room: int = 0  # rows that may be added

    @property
    def fits(self) -> bool:
        """True if all new rows may be added."""
        return len(self.new) <= self.room


class NoRoom(Exception):
    """There would be more rows than each process should hold in memory."""


@lru_cache(maxsize=len(LANGUAGES))
def rows(language: str) -> tuple[ListedSynonym, ...]:
    """Return the list of one language, in the order of the file."""
    found = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return tuple(_row(language, group["title"], line) for group in found["groups"] for line in group["rows"])


@lru_cache(maxsize=len(LANGUAGES))
def ambiguous(language: str) -> frozenset[str]:
    """Return words with several meanings, folded. They never get synonyms."""
    found = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return frozenset(map(folded, found["ambiguous"]))


def _row(language: str, title: str, line: str | dict[str, str]) -> ListedSynonym:
    text, why = (line, "") if isinstance(line, str) else (line["row"], line["note"])
    here, _arrow, there = text.partition(ARROW)
    return ListedSynonym(language, tuple(terms_of(here)), tuple(terms_of(there)), f"{title}. {why}" if why else title)


def plan(languages: Iterable[str] = LANGUAGES, *, again: bool = False) -> Plan:
    """Return what adding these lists would do. `again`: rows that were removed here count as new. Two queries."""
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
    """Return the words of each row, by each of them.

    Direction and `active` do not matter: a curator has decided about these words already.
    """
    sets: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for row in own:
        if row.language in ("", language):
            words = frozenset().union(*row.meaning())
            for word in words:
                sets[word].append(words)
    return sets


def create(new: Collection[ListedSynonym], *, by: Person | None) -> None:
    """Create the Synonyms of rows, within the caller's transaction. Raises NoRoom."""
    if Synonym.objects.count() + len(new) > MOST_ROWS:
        raise NoRoom
    made = [row.synonym() for row in new]
    for each in made:
        each.changed_by_id = by.user.pk if by else None
    with snapshot.batch_changes():
        Synonym.objects.bulk_create(made)
        StarterRow.objects.filter(key__in=[row.key for row in new]).delete()
        StarterRow.objects.bulk_create(StarterRow(key=row.key, row=each) for row, each in zip(new, made, strict=True))


def unchanged(languages: Iterable[str] = LANGUAGES) -> "QuerySet[Synonym]":
    """Return the Synonyms that are as the list has them."""
    return (
        Synonym.objects.filter(origin=Synonym.Origin.STARTER, starter__isnull=False)
        .alias(listed=Substr("starter__key", 1, 2))
        .filter(listed__in=list(languages))
    )


def delete_unchanged(languages: Iterable[str] = LANGUAGES) -> int:
    """Delete the unchanged Synonyms, and forget that they were added. Return their number.

    Within the caller's transaction.
    """
    found = list(unchanged(languages).values_list("pk", flat=True))
    with snapshot.batch_changes():
        StarterRow.objects.filter(row__in=found).delete()
        Synonym.objects.filter(pk__in=found).delete()
    return len(found)
