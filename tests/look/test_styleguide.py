"""The style guide is true: it shows every component and colour there is, and nothing that is not there."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
SHEETS = {path.name: path.read_text() for path in sorted((ROOT / "static" / "css").glob("*.css"))}
STYLEGUIDE = ROOT / "templates" / "styleguide.html"
CODE = [
    *(path for path in (ROOT / "templates").rglob("*.html") if path != STYLEGUIDE),
    *(ROOT / "static" / "js").glob("*.js"),
    *(path for path in ROOT.glob("*/**/*.py") if path.relative_to(ROOT).parts[0] not in {".venv", "tests"}),
]
# Classes that libraries set: htmx on what waits for the server, Django on the errors of a field.
LIBRARIES = {"htmx-request", "errorlist"}
# Bootstrap's classes of colour. They do not follow the tokens unless a style sheet of ours sets them.
COLOURED = re.compile(
    r"(?:btn|text|bg|border|link|alert|badge|table|list-group-item)-(?:outline-)?"
    r"(?:primary|secondary|success|danger|warning|info|light|dark|muted|white|black|body)(?:-\w+)*"
)


class Page(HTMLParser):
    """The classes, style sheets and scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.classes: set[str] = set()
        self.files: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.classes.update((given.get("class") or "").split())
        if tag == "script" or given.get("rel") == "stylesheet":
            self.files.append((given.get("src") or given.get("href") or "").removeprefix("/static/"))

    def texts(self, suffix: str) -> dict[str, str]:
        """Contents of the files with this suffix, by name, in the page's order."""
        return {name: Path(str(finders.find(name))).read_text() for name in self.files if name.endswith(suffix)}


def classes_of(sheet: str) -> set[str]:
    """The classes in the selectors of a style sheet."""
    rules = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return {name for head in re.findall(r"([^{};]+)\{", rules) for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", head)}


def named(name: str, text: str) -> bool:
    """True if `text` has this class as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def used(name: str, texts: list[str]) -> bool:
    """True if a text has the class, whole or put together: `vb-badge-{{ kind }}` with kind="solved"."""
    if any(named(name, text) for text in texts):
        return True
    stem, _, last = name.rpartition("-")
    put_together = any(f"{stem}-{{{{ " in text for text in texts)
    return put_together and any(re.search(rf"""with [^%]*=["']{re.escape(last)}["']""", text) for text in texts)


@pytest.fixture
def page(client: Client, db: None) -> Page:
    """The style guide as a visitor gets it."""
    return Page(client.get("/nl/stijl/").text)


def test_classes_are_found() -> None:
    assert classes_of("/* .gone */ .a.b > .c:not(.d-e), f { g: .5rem } @media (x: 1.5px) { .h { } }") == {
        *("a", "b", "c", "d-e", "h")
    }
    assert classes_of(SHEETS["components.css"]) > {"vb-badge", "vb-badge-solved", "btn-primary", "vb-reading"}
    assert used("vb-b-new", ["vb-b-{{ kind }}", '{% include "b" with kind="new" %}'])
    assert not used("vb-b-old", ["vb-b-{{ kind }}", '{% include "b" with kind="new" %}'])
    assert not used("vb-b", ["vb-b-new"])


def test_every_component_is_shown(page: Page) -> None:
    # What a script of this page makes is shown by using the page: the editor's preview.
    scripts = "\n".join(page.texts(".js").values())
    made = {name for name in classes_of(SHEETS["components.css"]) if named(name, scripts)}
    assert classes_of(SHEETS["components.css"]) - page.classes - made - {"htmx-request"} == set()


def test_every_class_is_used() -> None:
    texts = [path.read_text() for path in CODE]
    with_styleguide = [*texts, STYLEGUIDE.read_text()]
    unused = {
        f"{sheet}: {name}"
        for sheet, text in SHEETS.items()
        for name in classes_of(text) - LIBRARIES
        if not used(name, with_styleguide if sheet == "styleguide.css" else texts)
    }
    assert unused == set()


def test_every_colour_is_shown(page: Page) -> None:
    tokens = set(re.findall(r"--vb-([\w-]+): light-dark\(#", SHEETS["tokens.css"]))
    assert len(tokens) >= 20
    swatches = dict(re.findall(r"\.sg-([\w-]+) \{ background: var\(--vb-([\w-]+)\); \}", SHEETS["styleguide.css"]))
    assert swatches == {name: name for name in tokens}
    assert {name.removeprefix("sg-") for name in page.classes if name.startswith("sg-")} >= tokens


def test_nothing_shown_is_unknown(page: Page) -> None:
    known = set().union(*(classes_of(text) for text in page.texts(".css").values()))
    assert page.classes - known == set()


def test_bootstraps_colours_follow_the_tokens() -> None:
    themed = set().union(*(classes_of(text) for text in SHEETS.values()))
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in [*CODE, STYLEGUIDE]
        if path.suffix == ".html"
        for given in re.findall(r'class="([^"]*)"', path.read_text())
        for name in COLOURED.findall(given)
        if name not in themed
    ]
    assert wrong == []


def test_style_sheets_come_in_their_order(page: Page) -> None:
    names = list(page.texts(".css"))
    assert names[:4] == ["bootstrap/css/bootstrap.min.css", "css/tokens.css", "css/layout.css", "css/components.css"]
    # An import would be asked for only once the sheet that names it has come.
    assert [name for name, text in SHEETS.items() if "@import" in text] == []
