"""Template filters for dates and names."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from web.templatetags.people import exactly, initials, moment, when

NOW = datetime(2026, 11, 4, 13, 5, tzinfo=UTC)  # a Wednesday, 14:05 in Amsterdam


@pytest.mark.parametrize(
    ("ago", "dutch", "english"),
    [
        (timedelta(seconds=10), "zojuist", "just now"),
        (timedelta(hours=2), "vandaag, 12:05", "today, 12:05"),
        (timedelta(hours=15), "gisteren, 23:05", "yesterday, 23:05"),
        (timedelta(days=3), "zondag, 14:05", "Sunday, 14:05"),
        (timedelta(days=30), "5 oktober", "5 October"),
        (timedelta(days=400), "30 september 2025", "30 September 2025"),
        (-timedelta(days=1), "morgen, 14:05", "tomorrow, 14:05"),
    ],
)
def test_when(ago: timedelta, dutch: str, english: str) -> None:
    with time_machine.travel(NOW, tick=False):
        for language, words in (("nl", dutch), ("en", english)):
            with translation.override(language):
                assert when(NOW - ago) == words


def test_none_is_shown_as_nothing() -> None:
    assert when(None) == exactly(None) == moment(None) == ""


def test_exactly() -> None:
    with translation.override("nl"):
        assert exactly(NOW) == "woensdag 4 november 2026, 14:05"


def test_a_moment_has_a_tooltip() -> None:
    with time_machine.travel(NOW, tick=False), translation.override("nl"):
        assert moment(NOW - timedelta(days=1)) == (
            '<time datetime="2026-11-03T14:05:00+01:00" title="dinsdag 3 november 2026, 14:05">gisteren, 14:05</time>'
        )


@pytest.mark.parametrize(
    ("name", "letters"), [("Ayla de Vries", "AV"), ("Sem", "S"), ("", "?"), ("Łucja (HR)", "Ł"), ("ann o'neil", "AO")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
