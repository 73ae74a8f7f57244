"""The package that docs/architecture.md adds, built from that text, gets what its description promises."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests import apart

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text()
FILE = re.compile(r"^`((?:templates/)?glossary/[\w/.]+)`[^\n]*\n\n```\w+\n(.*?)^```$", re.M | re.S)
SETTINGS = """
INSTALLED_APPS = ["glossary", *INSTALLED_APPS]
ROOT_URLCONF = "glossary_site"
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")
"""
SITE = """
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from config.urls import *

urlpatterns = [*i18n_patterns(path("", include("glossary.urls"))), *urlpatterns]
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> dict[str, Any]:
    """What the product made of the package, in a process of its own."""
    folder = tmp_path_factory.mktemp("site")
    files = dict(FILE.findall(DOCUMENT)) | {"glossary_site.py": SITE}
    for name in ("glossary/__init__.py", "glossary/migrations/__init__.py"):
        files[name] = ""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return apart.said_by("tests.adding_a_package", folder, SETTINGS)


def test_its_terms_are_for_whoever_may_read_them(seen: dict[str, Any]) -> None:
    assert seen["addresses"] == ["glossary:terms", "glossary:term"]
    assert seen["access"]["owner"] == {"terms": "200 405", "term": "200 405"}
    assert seen["access"]["anonymous"] == {"terms": "200 405", "term": "404 405"}


def test_they_are_found_by_the_same_people(seen: dict[str, Any]) -> None:
    assert {name for name, found in seen["found"].items() if found} >= {"owner", "colleague", "agent", "curator"}
    assert not seen["found"]["anonymous"] and not seen["found"]["provider"]
    assert f'href="{seen["url"]}' in seen["results"], "the page of results leads to it"


def test_only_who_has_the_permission_adds_one(seen: dict[str, Any]) -> None:
    assert seen["refused"]
    assert seen["roles"] == ["curator", "process_owner"]


def test_the_audit_tells_it_in_words(seen: dict[str, Any]) -> None:
    assert seen["told"] == ["Added a term", "Verlofstuwmeer", seen["url"]]


def test_menus_lead_to_it(seen: dict[str, Any]) -> None:
    assert seen["menu"] == 2, "at the top, and at the bottom of phones"


def test_its_job_is_one_of_the_product(seen: dict[str, Any]) -> None:
    assert seen["words"] == ["Verlofstuwmeer"]
