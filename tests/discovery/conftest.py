"""Notes to find: see tests/search/conftest.py."""

from tests.search.conftest import a_shelf

__all__ = ["a_shelf"]
