"""Row filters per reader: rows that a reader may not see do not exist for them.

While a request is read as somebody, every query on the filtered models (`filter_rows`) returns only that person's rows.
So pages that are not ours (Wagtail's, under /cms/) respect audiences, whatever queries they make.

The filter is applied when a query is executed, not when it is built: a form or filter that lives as long as the process
offers everyone their own rows. Only the managers of a model are filtered. `_base_manager` sees all rows; so do saving a
row, following a foreign key and writing below a page in the tree.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Self

from django.core.exceptions import FullResultSet, ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Manager, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.where import WhereNode

from web.http import Viewer
from web.params import number


class Reader:
    """A viewer, with values that are computed once for them (`memo`)."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.memo: dict[Any, Any] = {}


RowFilter = Callable[[Reader], "QuerySet[Any]"]
_filters: dict[type[Model], RowFilter] = {}
_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)
_writer: ContextVar[Reader | None] = ContextVar("writer", default=None)


def current() -> Reader | None:
    """Return the current reader; None if nothing is filtered."""
    return _reader.get()


def set_reader(reader: Reader | None, writer: Reader | None = None) -> None:
    """Filter queries for `reader` from here on in this context, or not at all for None.

    `writer` is who submits something. Writing sees all rows, but values that they fill in are looked up in a
    `reading_as_writer` block.
    """
    _reader.set(reader)
    _writer.set(writer)


def writer() -> Reader | None:
    """Return who submits something now."""
    return _writer.get()


def reading_as_writer() -> AbstractContextManager[None]:
    """Filter queries inside the block for whoever submits something, if anybody does."""
    return reading_as(_writer.get() or _reader.get())


@contextmanager
def reading_as(reader: Reader | None) -> Iterator[None]:
    """Filter queries inside the block for `reader`; not at all if it is None."""
    before = _reader.get()
    _reader.set(reader)
    try:
        yield
    finally:
        _reader.set(before)


def is_visible(model: type[Model], pk: Any) -> bool:
    """Return True if the current reader can see a row. A malformed `pk` is no row."""
    try:
        return bool(model._default_manager.filter(pk=pk).exists())
    except (ValueError, TypeError, OverflowError, ValidationError):
        return False


def visible_keys(model: type[Model], pks: Iterable[str]) -> set[str]:
    """Return those of some keys, as text, whose rows the current reader can see. One query."""
    asked = [pk for pk in pks if number(pk) is not None]
    rows = model._default_manager.filter(pk__in=asked).values_list("pk", flat=True) if asked else ()
    return set(map(str, rows))


def filter_of(model: type[Model]) -> RowFilter | None:
    """Return the filter of a model or of the nearest model that it extends."""
    return next((_filters[base] for base in model.__mro__ if base in _filters), None)


def filter_rows(model: type[Model], row_filter: RowFilter) -> None:
    """Filter all managers of `model` and of the models that extend it. Called once, when apps are ready.

    `row_filter(reader)` returns the keys of the reader's rows as a query of one column, made with managers that are not
    filtered (`_base_manager`).
    """
    _filters[model] = row_filter
    for each in [model, *_extending(model)]:
        for base in each.__mro__:
            for manager in getattr(base, "_meta", None) and base._meta.local_managers or ():  # type: ignore[attr-defined]  # a model
                if not isinstance(manager, _Filtered):
                    manager.__class__ = type(f"Filtered{type(manager).__name__}", (_Filtered, type(manager)), {})
        each._meta._expire_cache()  # type: ignore[attr-defined]  # its copies of managers


def _extending(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from _extending(each)


class _Filtered(Manager):
    """A manager whose queries are filtered."""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        rows.query.where.children.append(_Only(self.model, rows.query.get_initial_alias()))
        return rows


def rows_of(model: type[Model], reader: Reader) -> RawSQL:
    """Return the keys of a reader's rows of a filtered model, for `pk__in` in other filters. Raise LookupError."""
    row_filter = filter_of(model)
    if row_filter is None:
        raise LookupError(model)
    return RawSQL(*_composed(reader, row_filter, connections[DEFAULT_DB_ALIAS]))  # noqa: S611  # composed by Django


def _composed(reader: Reader, row_filter: RowFilter, connection: Any) -> tuple[str, list[Any]]:
    """Return the filter in SQL. A page needs it dozens of times, and compiling it takes milliseconds."""
    known = row_filter, connection.alias
    if known not in reader.memo:
        with reading_as(None):
            reader.memo[known] = _written_out(
                *row_filter(reader).order_by().query.get_compiler(connection=connection).as_sql()
            )
    composed: tuple[str, list[Any]] = reader.memo[known]
    return composed


def _written_out(sql: str, parameters: Any) -> tuple[str, list[Any]]:
    """Return the same SQL with its numbers inlined.

    For each statement psycopg splits a text with many parameters, which costs more than all the rest of sending it.
    """
    kept: list[Any] = []
    values = iter(parameters)

    def write(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(values)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(int(value))
        kept.append(value)
        return "%s"

    return re.sub("%[%s]", write, sql), kept


class _Only(WhereNode):
    """The WHERE condition: nothing while there is no reader.

    A node without children, so that code that inspects conditions (Wagtail's search) skips it.
    """

    def __init__(self, model: type[Model], alias: str) -> None:
        super().__init__()
        self.model, self.alias = model, alias

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return `key IN (the reader's keys)`."""
        reader, row_filter = _reader.get(), filter_of(self.model)
        if reader is None or row_filter is None:
            raise FullResultSet
        inner, parameters = _composed(reader, row_filter, connection)
        quote = compiler.quote_name_unless_alias
        column = self.model._meta.pk.column
        return f"{quote(self.alias)}.{connection.ops.quote_name(column)} IN ({inner})", list(parameters)

    def clone(self) -> Self:
        """Return a copy for another query."""
        return type(self)(self.model, self.alias)

    copy = __copy__ = clone

    def __deepcopy__(self, _memo: Any) -> Self:
        return self.clone()

    def relabel_aliases(self, change_map: dict[str | None, str]) -> None:
        """Use another alias for the table."""
        self.alias = change_map.get(self.alias, self.alias)

    def resolve_expression(self, *_args: Any, **_kwargs: Any) -> Self:
        """Return a copy for use inside another query."""
        return self.clone()

    def replace_expressions(self, _replacements: Any) -> Self:
        """Return itself: it contains no expressions."""
        return self
