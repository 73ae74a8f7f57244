"""Rows of every findable kind, for tests that are about all kinds together.

A package with a source has `tests/<package>/content.py`: `make(people)` makes rows for as many audiences as it has, and
`change(people)` changes, hides, narrows and deletes some of them, in the ways that people do.
"""

from collections.abc import Callable
from importlib import import_module

from tests.people import People
from web.packages import packages

_MODULES = [import_module(f"tests.{package.name}.content") for package in packages() if package.sources]
MAKERS: list[Callable[[People], None]] = [module.make for module in _MODULES]
CHANGERS: list[Callable[[People], None]] = [module.change for module in _MODULES]
