"""Templates keep to the policy: no inline script, style or handler; every script and style sheet is there."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
REFUSED = {
    "inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")",
    "inline style": r"<style\b|\sstyle=\"",
    "event handler": r"\son[a-z]+=\"",
    "evaluated htmx attribute": r"\shx-on[:-]|hx-(vals|headers)=[\"']js:",
    "address of another site": r"<(script|link|img)[^>]*\b(src|href)=\"(https?:)?//",
}


def test_nothing_that_the_policy_refuses() -> None:
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in TEMPLATES}
    assert len(texts) > 100
    found = [
        f"{path}: {name}: {seen[0]}"
        for path, text in texts.items()
        for name, pattern in REFUSED.items()
        if (seen := re.search(pattern, text))
    ]
    assert not found, "\n".join(found)


def test_static_files_are_there() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", path.read_text())}
    named |= {name for path in TEMPLATES for name in re.findall(r"\"/static/([^\"]+)\"", path.read_text())}
    assert [name for name in sorted(named) if not finders.find(name)] == []
