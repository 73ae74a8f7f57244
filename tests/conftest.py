"""What all tests share: the database, the people, the search engine's scratch space."""

# ruff: noqa: E402 - shared modules are rewritten only when they are named before anything imports them
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Asserts in shared modules (contracts, clients, servers, sockets) say what they saw, as those in test_*.py do.
_OURS = {path.stem for path in Path(__file__).parent.iterdir() if path.suffix in ("", ".py")}
_EARLIER = {"__init__", "conftest", "settings", "tasks"}  # what Django's settings name is imported before this
pytest.register_assert_rewrite(*(f"tests.{name}" for name in sorted(_OURS - _EARLIER)))

from django.core.cache import cache, caches
from django.test import TransactionTestCase
from django.utils import translation

from config import translations
from search import time_budget
from tests import database, on_services
from tests.people import People, make_people
from tests.standing import Standing
from web import ttl_cache

# Fixtures and hooks; pytest rewrites the asserts of plugins, and these say more when they fail.
pytest_plugins = ["tests.looks", "tests.flaky", "tests.browser"]


def pytest_configure(config: pytest.Config) -> None:
    """What Django reads of the translations is written first, once for all workers."""
    if not hasattr(config, "workerinput"):
        translations.compile_all()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What depends on a service is marked before `-m` chooses."""
    on_services.mark(items)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.Item) -> Iterator[None]:
    """A copy of the migrated template; tests that commit get a fresh copy afterwards."""
    copies = database.copies()
    with django_db_blocker.unblock():
        copies.prepare()
        # Flushing would take Wagtail's root page, locales and our roles with it.
        TransactionTestCase._fixture_teardown = lambda self: copies.restore()
    yield
    with django_db_blocker.unblock():
        copies.discard()


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """Rate limits and other cached state do not leak from test to test; no query, and nothing that is found, depends on
    how slow a test is."""
    ttl_cache.clear_all()
    for each in ttl_cache.caches:
        each.seconds = math.inf
    time_budget.SECONDS = 30  # a busy machine finds what a quiet one finds; tests of running out give their own
    yield
    cache.clear()
    caches["limits"].clear()


@pytest.fixture(autouse=True)
def _dutch() -> Iterator[None]:
    """A request leaves its language behind in the thread; every test starts in Dutch."""
    with translation.override("nl"):
        yield


@pytest.fixture
def counted_here(settings: Any) -> None:
    """Limits are counted in this process, by the clock that time_machine moves: Redis goes by its own."""
    alone = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}
    settings.CACHES = settings.CACHES | {"limits": alone}
    caches["limits"].clear()


@pytest.fixture
def made(db: None) -> Standing:
    """Gives what many tests begin with, made once (tests/standing.py)."""
    return Standing()


@pytest.fixture
def people(made: Standing) -> People:
    """Owner, colleague, outsider, agent, curator and the others of tests/people.py."""
    return made("people", make_people)


@pytest.fixture
def mails(django_capture_on_commit_callbacks: Any, settings: Any) -> Callable[[Callable[[], Any]], list[Any]]:
    """Call a function, and return the mails (`SentMail`) that it sent by the product's queue.

    What is sent past it, such as by Wagtail, stands in pytest-django's `mailoutbox`.
    """
    from notifications.models import SentMail

    settings.EMAIL_BACKEND = "notifications.mail.QueuedMailBackend"

    def sent(act: Callable[[], Any]) -> list[SentMail]:
        last = SentMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return list(SentMail.objects.filter(pk__gt=last))

    return sent


@pytest.fixture
def indexed(db: None) -> Iterator[Callable[[], int]]:
    """An empty search index of this test's own. Call it to work off the outbox, so that search finds what was saved.

    The engine is the one that settings choose. Rows made by bulk_create() need `enqueue_documents()` first.
    """
    from search import engines
    from search.indexing import indexer

    engine = engines.get()
    engine.drop()
    engine.prepare()
    yield indexer.drain
    engine.drop()
    engine.close()
