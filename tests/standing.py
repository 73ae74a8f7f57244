"""What many tests begin with (the people, a shelf, a forum): made once in each process by the product's own code, and
put back as rows in every other test. On SQLite only, whose numbers begin anew in each test.

    @pytest.fixture
    def shelf(people, made):
        return made("shelf", lambda: make_shelf(people))

It is made as if for the first time where the tables that it fills were filled further than then.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

from django.db import connection, transaction
from wagtail.blocks import StreamValue

T = TypeVar("T")
Rows = dict[int, tuple[Any, ...]]  # by SQLite's own number of each row


@dataclass(frozen=True)
class Change:
    """What making did to one table."""

    table: str
    columns: str
    written: list[tuple[Any, ...]]
    removed: list[int]
    counted: int | None  # its sequence before


@dataclass(frozen=True)
class Made:
    """What was made: objects that no test holds, and the rows."""

    value: Any
    changes: list[Change]


_made: dict[str, Made] = {}


class Copies:
    """The objects of one test, each a copy of one that is kept; what belongs together stays together."""

    def __init__(self) -> None:
        self.of_kept: dict[int, Any] = {}  # `copy.deepcopy` keeps its own books in these
        self.of_test: dict[int, Any] = {}

    def taken(self, kept: T) -> T:
        """A copy for the test."""
        value = _copied(kept, self.of_kept)
        for each in self.of_kept.get(id(self.of_kept), ()):
            self.of_test[id(self.of_kept[id(each)])] = each
        return value

    def kept(self, value: T) -> T:
        """A copy of what the test holds, to be kept."""
        return _copied(value, self.of_test)


def _copied(value: T, known: dict[int, Any]) -> T:
    with patch.object(StreamValue, "__deepcopy__", lambda self, _known: self, create=True):  # it holds its definition
        return copy.deepcopy(value, known)


class Standing:
    """The fixture `made` of one test."""

    def __init__(self) -> None:
        self.copies = Copies()

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, with its rows."""
        if connection.vendor != "sqlite":
            return make()
        if name not in _made:
            before, counted = _rows(), _sequences()
            value = make()
            _made[name] = Made(self.copies.kept(value), _changes(before, counted))
            return value
        known, counted = _made[name], _sequences()
        if any(counted.get(change.table) != change.counted for change in known.changes):
            return make()
        with transaction.atomic(), connection.cursor() as cursor:
            for change in known.changes:
                cursor.executemany(f"delete from {change.table} where rowid = %s", [(n,) for n in change.removed])  # noqa: S608
                places = ", ".join("%s" for _ in change.columns.split(", "))
                insert = f"insert or replace into {change.table} (rowid, {change.columns}) values (%s, {places})"  # noqa: S608
                cursor.executemany(insert, change.written)
        value: T = self.copies.taken(known.value)
        return value


def _tables() -> dict[str, str]:
    """The columns of each table, without those of Wagtail's index of words, which follows by triggers."""
    with connection.cursor() as cursor:
        cursor.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%%'")
        names = [name for (name,) in cursor.fetchall() if "_fts" not in name]
        return {
            f'"{name}"': ", ".join(f'"{column[1]}"' for column in cursor.execute(f'pragma table_info("{name}")'))
            for name in names
        }


def _rows() -> dict[str, Rows]:
    with connection.cursor() as cursor:
        found = {}
        for table, columns in _tables().items():
            cursor.execute(f"select rowid, {columns} from {table}")  # noqa: S608
            found[table] = {row[0]: row for row in cursor.fetchall()}
        return found


def _sequences() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select name, seq from sqlite_sequence")
        return {f'"{name}"': number for name, number in cursor.fetchall()}


def _changes(before: dict[str, Rows], counted: dict[str, int]) -> list[Change]:
    columns, found = _tables(), []
    for table, rows in _rows().items():
        written = [row for number, row in rows.items() if before[table].get(number) != row]
        removed = list(before[table].keys() - rows.keys())
        if written or removed:
            found.append(Change(table, columns[table], written, removed, counted.get(table)))
    return found
