"""Rows for addresses with parameters, for tests that ask every address.

A package with such addresses has `tests/<package>/addresses.py`: `examples(people)` makes the rows and returns, by the
name of the address, a label and the parameters of each.
"""

from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.people import People
from web.packages import packages

Examples = dict[str, list[tuple[str, dict[str, Any]]]]


def each(rows: dict[str, Any], **more: str) -> list[tuple[str, dict[str, Any]]]:
    """Label and parameters of rows by label: `pk`, and parameters that are attributes of the rows."""
    return [(name, {"pk": row.pk} | {k: getattr(row, v) for k, v in more.items()}) for name, row in rows.items()]


def all_examples(people: People) -> Examples:
    """The examples of all packages. Who stands on others comes first: what people do there leaves rows in these."""
    found: Examples = defaultdict(list)
    for package in reversed(packages()):
        if find_spec(f"tests.{package.name}") and find_spec(f"tests.{package.name}.addresses"):
            for name, cases in import_module(f"tests.{package.name}.addresses").examples(people).items():
                found[name] += cases
    return dict(found)
