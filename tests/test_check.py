"""The check itself: failures speak, and what depends on a service is tested on the services."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

from tests import on_services
from tests.client import Tab, Web

TESTS = Path(__file__).resolve().parent
# Looser than the rule itself, and by text alone: who writes one of these has to be in the services' pass.
USES = re.compile(
    r"transaction=True|[(,\x22] *indexed\b|select_for_update|IntegrityError|assert_(?:max_)?num_queries|\bThread\(|"
    r"\bcall_command\(|\bindexer\.|\bELASTICSEARCH_URL\b|\bREDIS_URL\b|bulk_create|CaptureQueriesContext|\.cursor\("
)
# Modules that depend on a service and that no test names, and the file that tests them on it.
TESTED_BY = {
    "search.engines.elastic.search": "contract/test_elastic.py",
    "search.engines.elastic.connection": "contract/test_elastic.py",
    "search.engines.elastic.documents": "contract/test_elastic.py",
    "search.engines.elastic.indexes": "contract/test_elastic.py",
    "search.engines.elastic.baseline": "search/test_evaluate.py",
    "search.engines.elastic.queries": "contract/test_elastic.py",
    "accounts.adapter": "accounts/test_registration.py",
    "kb.importing": "kb/test_import_faqs.py",
    "config.settings": "journeys/test_production.py",
    "web.health": "journeys/test_production.py",
    "web.worker": "journeys/test_production.py",
    "community.views.pages": "test_access.py",
    "search.embeddings.store": "search/test_embeddings.py",
}


def test_asserts_in_shared_modules_say_what_they_saw() -> None:
    tab = Tab(Web("http://127.0.0.1:9"), 1)
    tab.events = {1: {}, 3: {}}
    with pytest.raises(AssertionError, match=r"\[1, 3\] == \[1, 2\]"):
        tab.check()


def test_every_shared_module_with_asserts_is_rewritten() -> None:
    silent = []
    for path in sorted(TESTS.rglob("*.py")):
        if path.name.startswith("test_") or not re.search(r"^ *assert ", path.read_text(), re.M):
            continue
        name = ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
        if not isinstance(importlib.import_module(name).__loader__, AssertionRewritingHook):
            silent.append(name)
    assert silent == []


def test_no_assertion_fails_without_a_word() -> None:
    wordless = re.compile(r"^ *(?:assert (?:False|0)\s*$|raise AssertionError(?:\(\))?\s*$)", re.M)
    assert [str(p.relative_to(TESTS)) for p in sorted(TESTS.rglob("*.py")) if wordless.search(p.read_text())] == []


def test_no_test_measures_time() -> None:
    clocks = re.compile(r"\b(?:process_time|perf_counter|thread_time|timeit)\b")
    found = [str(p.relative_to(TESTS)) for p in sorted(TESTS.rglob("test_*.py")) if clocks.search(p.read_text())]
    assert found == [Path(__file__).name], "count statements, calls or characters; time is for benchmarks/"


RULES = {
    "def test_x(people): assert people": False,
    "def test_x(client): client.get('/')": False,
    "def test_x(db):\n with raises(IntegrityError): save()": True,
    "def helper(): call_command('x')\ndef test_x(db): helper()": True,
    "from chat import actions\ndef test_x(): actions.post()": True,
    "from chat import actions\ndef other(): actions.post()\ndef test_x(): pass": False,
    "from chat.actions import post\ndef test_x(): post()": True,
    "from tests.live.sockets import tab\nasync def test_x(): tab()": True,
    "from markup.text import plain\ndef test_x(): plain('')": False,
}


def test_what_depends_on_a_service_is_recognised() -> None:
    seen = {source: on_services.Module(source).depends("test_x") for source in RULES}
    assert seen == RULES


def test_what_uses_a_service_runs_on_it(request: pytest.FixtureRequest) -> None:
    """Of the tests that were collected: `make test` has them all."""
    left_out = [
        item.nodeid
        for item in request.session.items
        if not item.get_closest_marker("on_services")
        and not item.path.match(on_services.ALONE)
        and not item.get_closest_marker("browser")
        and item.path != Path(__file__)
        and USES.search(inspect.getsource(getattr(item, "function", lambda: None)))
    ]
    assert left_out == []


def test_every_module_that_depends_on_a_service_is_tested_on_it() -> None:
    named: set[str] = set()
    for path in sorted(TESTS.rglob("test_*.py")):
        module = on_services.module(path)
        for name in module.uses:
            if name.startswith("test_"):
                named |= {module.modules[each] for each in module.used(name) & module.modules.keys()}
    untested = on_services.touching() - named - TESTED_BY.keys()
    assert untested == set(), "no test names them: write one, or say in TESTED_BY which file tests them"
    assert [path for path in TESTED_BY.values() if not (TESTS / path).exists()] == []
    assert sorted(TESTED_BY.keys() - on_services.touching()) == [], "these depend on no service any more"
