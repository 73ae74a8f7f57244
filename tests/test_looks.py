"""Every page is seen in light and dark, narrow and wide, and over the days in both languages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import browser as module
from tests.browser import problems
from tests.looks import ALL, LANGUAGES, WIDTHS, chosen, rotated

ROOT = Path(__file__).resolve().parents[1]


def test_in_eight_days_each_start_has_its_turn() -> None:
    for name in ("one", "another", "a third"):
        assert {rotated(name, day) for day in range(739_950, 739_958)} == set(ALL)
        assert len(chosen(name, full=False)) == 1
        assert chosen(name, full=True) == ALL
        for each in ("width", "language"):
            one, other = chosen(name, each, full=False)
            assert (one.language, one.width, one.dark) != (other.language, other.width, other.dark)
            assert {one.language, other.language} == set(LANGUAGES), (each, one, other)
            assert {one.width, other.width} == set(WIDTHS), (each, one, other)
            assert {one.dark, other.dark} == {True, False}, (each, one, other)
        assert [look.width for look in chosen(name, "width", full=False)] == list(WIDTHS)


def test_the_day_is_said_and_can_be_repeated() -> None:
    command = [sys.executable, "-c", "from tests import looks; print(looks.pytest_report_header(), looks.rotated('x'))"]
    said = {}
    for day in ("739950", "739951"):
        run = subprocess.run(command, cwd=ROOT, env=os.environ | {"LOOKS_DAY": day, "FULL": ""}, capture_output=True)
        said[day] = run.stdout.decode()
        assert f"LOOKS_DAY={day}" in said[day], run
    assert said["739950"].split()[-1] != said["739951"].split()[-1]


PAGE = """<!doctype html><html lang="en"><head><title>Looks</title><meta name="viewport" content="width=device-width">
<style>body {{ color: #000; background: #fff }} * {{ transition-duration: 1ms }}
@media (prefers-color-scheme: dark) {{ body {{ color: #fff; background: #000 }} }}
{style}</style></head><body><main><h1>Looks</h1><p>Words that are read.</p>{more}</main></body></html>"""


@pytest.mark.browser
def test_a_fault_in_one_look_alone_is_found(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    dark = "@media (prefers-color-scheme: dark)"
    narrow, wide = "@media (max-width: 500px)", "@media (min-width: 500px)"
    faults = {
        "sound": ("", "", set()),
        "grey in the dark": (f"{dark} {{ p {{ color: #333 }} }}", "", {"390-dark", "1280-dark"}),
        "grey in the dark of phones": (f"{dark} {{ {narrow} {{ p {{ color: #333 }} }} }}", "", {"390-dark"}),
        "a nameless button of wide screens": (
            f"{narrow} {{ button {{ display: none }} }}", "<button></button>", {"1280-light", "1280-dark"},
        ),
        "sticks out of phones": (f"{narrow} {{ p {{ width: 600px }} }}", "", {"390"}),
        "grey where light is wide": (
            f"{wide} {{ @media (prefers-color-scheme: light) {{ p {{ color: #ccc }} }} }}", "", {"1280-light"},
        ),
    }  # fmt: skip
    monkeypatch.setattr(module, "FULL", False)
    wrong = []
    for start in ALL[:4]:
        page = browser.new_page(color_scheme="dark" if start.dark else "light")
        page.set_viewport_size({"width": start.width, "height": 900})
        for name, (style, more, looks) in faults.items():
            page.set_content(PAGE.format(style=style, more=more))
            found = problems(page)
            at = {line.partition(":")[0] for line in found}
            # A fault of structure is looked for in one theme of each width.
            if not (at == looks or (more and at and at < looks and {a[:3] for a in at} == {a[:3] for a in looks})):
                wrong.append((str(start), name, looks, found))
            assert page.viewport_size == {"width": start.width, "height": 900}
        page.close()
    assert wrong == []
