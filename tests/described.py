"""A package that exists for the length of a test, for what tests are about kinds of rows of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from web import packages


@contextmanager
def described(**fields: Any) -> Iterator[None]:
    """The product with one more package, which describes `fields`."""
    more = (*packages.packages(), packages.Package(name="test", **fields))
    with patch.object(packages, "_described", lambda: more):
        yield
