"""The check itself: failures speak, and what depends on a service is tested on the services."""

import importlib
import re
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

from tests.client import Tab, Web

TESTS = Path(__file__).resolve().parent


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
