"""Which tests run a second time, on PostgreSQL, Redis and Elasticsearch: the marker `on_services`.

A test is marked by itself when it, a helper in its file or a fixture it asks for

- commits (`transaction=True`, `live_server`) or is already marked `services`,
- asks for a fixture that stands for a service or counts statements (FIXTURES),
- names what a service does differently (NAMES), or a module of ours that does (`touching()`).

FILES are those in which everything runs twice, because each address or row of the product passes there: no list of
tests has to be kept. Mark by hand, `pytest.mark.on_services`, what none of this sees. `FULL=1 .ci/run` runs all twice.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.import_graph import RANK

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = tuple(RANK)
FILES = (
    "tests/test_access.py",
    "tests/test_invariant.py",
    "tests/*/test_actions.py",
    "tests/*/test_demo.py",
    "tests/*/test_queries.py",
    "tests/discovery/test_query_log.py",
)
# Whatever is not marked `services` here speaks to an engine in a folder, or to a stand-in of its own.
ALONE = "tests/contract/*"
FIXTURES = frozenset(
    "indexed engine loop live_server transactional_db django_db_reset_sequences "
    "django_assert_num_queries django_assert_max_num_queries".split()
)
NAMES = frozenset(
    "IntegrityError OperationalError UNANSWERED DataError CaptureQueriesContext connection connections "
    "MigrationExecutor select_for_update bulk_create bulk_update cursor RawSQL caches at_once Thread "
    "ThreadPoolExecutor indexer leader LeaseLeaderLock outbox OutboxEntry enqueue_documents call_command REDIS_URL "
    "ELASTICSEARCH_URL DATABASE_URL".split()
)
# In a module of ours: what depends on which database, cache or engine runs.
TOUCHES = re.compile(
    r"select_for_update|skip_locked|(?:update|ignore)_conflicts|\.vendor\b|\bredis\b|^from elasticsearch|RawSQL|"
    r"\.cursor\(|\bcaches\[|IntegrityError|OperationalError|UNANSWERED|django\.tasks|django_tasks",
    re.M,
)


@cache
def touching() -> frozenset[str]:
    """The modules of ours that depend on a service, as Python names them."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)
    return frozenset(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in paths
        if TOUCHES.search(path.read_text())
    ) | {"tests.live.sockets"}


class Module:
    """The functions of a file of tests: which names each uses, itself and through the others."""

    def __init__(self, source: str) -> None:
        tree = ast.parse(source)
        self.modules: dict[str, str] = {}
        self.uses: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    self.modules[alias.asname or alias.name] = whole if whole in touching() else node.module
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
                self.uses.setdefault(node.name, set()).update(_names(node), arguments)
        self.everywhere = {name for node in tree.body if _is_mark(node) for name in _names(node)}

    def used(self, name: str) -> set[str]:
        """Names that a function uses, with those of the functions of this file that it uses."""
        found, waiting = set(self.everywhere), [name]
        while waiting:
            for each in self.uses.get(waiting.pop(), set()) - found:
                found.add(each)
                waiting.append(each)
        return found

    def depends(self, name: str) -> bool:
        """Whether a function uses what depends on a service."""
        used = self.used(name)
        return bool(used & NAMES) or any(self.modules.get(each) in touching() for each in used)


def _is_mark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


@cache
def module(path: Path) -> Module:
    """A file, read once."""
    return Module(path.read_text())


def depends(item: pytest.Item) -> bool:
    """Whether a test runs on the services too."""
    path = item.path.relative_to(ROOT)
    if any(path.match(pattern) for pattern in FILES) or item.get_closest_marker("services"):
        return True
    if path.match(ALONE):
        return False
    database = item.get_closest_marker("django_db")
    if database and (database.kwargs.get("transaction") or database.args[:1] == (True,)):
        return True
    if FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    function = getattr(item, "function", None)
    return function is not None and module(item.path).depends(inspect.unwrap(function).__name__)


def mark(items: Iterable[pytest.Item]) -> None:
    """Put the marker on every test that needs it."""
    for item in items:
        if depends(item):
            item.add_marker(pytest.mark.on_services)
