"""No inline script, style or handler, as the policy asks; every script and style sheet is there and explained."""

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


def test_the_service_worker_keeps_what_its_page_needs() -> None:
    worker = (ROOT / "templates" / "sw.js").read_text()
    kept = set(re.findall(r"\"(/static/[^\"]+)\"", worker))
    assert kept == set(re.findall(r"\"(/static/[^\"]+)\"", (ROOT / "templates" / "_plain.html").read_text()))


def test_every_script_says_how_it_is_used() -> None:
    scripts = {path.name: path.read_text() for path in (ROOT / "static" / "js").glob("*.js")}
    assert len(scripts) > 20
    for name, text in scripts.items():
        comment, _, code = text.partition("*/")
        assert comment.startswith("/*"), f"{name} should begin with a comment on its use"
        assert len(text.splitlines()) <= 300, f"{name} is long: it holds more than one thing"
        elements = re.findall(r"customElements\.define\(\"([\w-]+)\"", code)
        assert len(elements) <= 1, f"{name} should define one element"
        assert all(f"<{element}" in comment for element in elements), f"{name} should name its element"
        exports = re.findall(r"^export (?:class|const|function) (\w+)", code, re.MULTILINE)
        assert not exports or any(export in comment for export in exports), f"{name} should show what it exports"
