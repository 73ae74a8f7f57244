"""What many tests begin with (the people, a shelf, a forum): made once in each process by the product's own code, and
put back as rows in every other test.

    @pytest.fixture
    def shelf(people, made):
        return made("shelf", lambda: make_shelf(people))

It is made as if for the first time where other rows stand in its tables than stood there then.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

from django.db import connection, transaction
from wagtail.blocks import StreamValue

T = TypeVar("T")
Rows = dict[Any, tuple[Any, ...]]  # by primary key


@dataclass(frozen=True)
class Table:
    """A table, and how its rows are read and written."""

    name: str  # quoted, as the columns are
    key: str
    columns: tuple[str, ...]

    def rows(self, cursor: Any) -> Rows:
        """All of them."""
        cursor.execute(f"select {self.key}, {', '.join(self.columns)} from {self.name}")  # noqa: S608
        return {row[0]: row[1:] for row in cursor.fetchall()}


@dataclass(frozen=True)
class Change:
    """What making did to one table."""

    table: Table
    written: Rows
    removed: list[Any]
    count: int  # of its rows before

    def put(self, cursor: Any) -> None:
        """Do the same again."""
        table = self.table
        away = [(key,) for key in [*self.removed, *self.written]]
        cursor.executemany(f"delete from {table.name} where {table.key} = %s", away)  # noqa: S608
        places = ", ".join(["%s"] * len(table.columns))
        insert = f"insert into {table.name} ({', '.join(table.columns)}) values ({places})"  # noqa: S608
        cursor.executemany(insert, list(self.written.values()))


@dataclass(frozen=True)
class Made:
    """What was made: objects that no test holds, and the rows."""

    value: Any
    changes: list[Change]

    def fits(self, cursor: Any) -> bool:
        """Whether its tables are filled as they were."""
        counts = " union all ".join(
            f"select {n}, count(*) from {change.table.name}"  # noqa: S608
            for n, change in enumerate(self.changes)
        )
        cursor.execute(counts)
        return dict(cursor.fetchall()) == {n: change.count for n, change in enumerate(self.changes)}

    def put(self, cursor: Any) -> None:
        """The rows, and numbers for new ones that are not theirs."""
        for change in self.changes:
            change.put(cursor)
        if connection.vendor == "postgresql":  # SQLite follows by itself
            numbered = [c for c in self.changes if c.written and all(isinstance(key, int) for key in c.written)]
            for change in numbered:
                sequence = "pg_get_serial_sequence(%s, %s) as s where s is not null"
                wanted = [max(change.written), change.table.name, change.table.key.strip('"')]
                cursor.execute(f"select setval(s, greatest(%s, nextval(s))) from {sequence}", wanted)  # noqa: S608


_made: dict[str, Made] = {}
_known: list[Table] = []  # no test that begins with what was made changes tables


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
        with transaction.atomic(), connection.cursor() as cursor:
            if name not in _made:
                before = _rows(cursor)
                value = make()
                _made[name] = Made(self.copies.kept(value), _changes(before, _rows(cursor)))
            elif _made[name].fits(cursor):
                _made[name].put(cursor)
                value = self.copies.taken(_made[name].value)
            else:
                value = make()
        return value


def _rows(cursor: Any) -> dict[Table, Rows]:
    return {table: table.rows(cursor) for table in _tables(cursor)}


def _changes(before: dict[Table, Rows], after: dict[Table, Rows]) -> list[Change]:
    found = []
    for table, rows in after.items():
        written = {key: row for key, row in rows.items() if before[table].get(key) != row}
        removed = list(before[table].keys() - rows.keys())
        if written or removed:
            found.append(Change(table, written, removed, len(before[table])))
    return found


def _tables(cursor: Any) -> list[Table]:
    """All but those that follow others by triggers: Wagtail's index of words on SQLite."""
    if not _known:
        for name in connection.introspection.table_names(cursor):
            key = None if "_fts" in name else connection.introspection.get_primary_key_column(cursor, name)
            if key:
                described = connection.introspection.get_table_description(cursor, name)
                columns = tuple(connection.ops.quote_name(column.name) for column in described)
                _known.append(Table(connection.ops.quote_name(name), connection.ops.quote_name(key), columns))
    return _known
