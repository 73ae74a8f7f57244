"""Descriptions of packages are read in one order, once, and contradict nobody."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from web import packages
from web.packages import Package, composed, merged


def test_what_others_stand_on_comes_first() -> None:
    names = [package.name for package in packages.packages()]
    assert names == [name for name in reversed(settings.INSTALLED_APPS) if name in names]
    assert names.index("accounts") < names.index("kb") < names.index("chat")


def test_every_package_describes_itself_and_is_installed() -> None:
    described = {path.parent.name for path in Path(settings.BASE_DIR).glob("*/package.py")}
    assert described == {package.name for package in packages.packages()}


def test_a_name_belongs_to_one_package() -> None:
    assert merged([{"a": 1}, {"b": 2}]) == {"a": 1, "b": 2}
    with pytest.raises(ValueError, match="'b'"):
        merged([{"a": 1, "b": 2}, {"b": 2}])


def test_a_reader_computes_once_for_the_same_descriptions(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[Package, ...]] = []

    @composed
    def names(packages: tuple[Package, ...]) -> list[str]:
        read.append(packages)
        return [package.name for package in packages]

    assert names() is names()
    assert len(read) == 1
    more = (*packages.packages(), replace(packages.packages()[0], name="more"))
    monkeypatch.setattr(packages, "_described", lambda: more)
    assert names()[-1] == "more"
