"""Load the output for every hostile input in a real browser, without a Content-Security-Policy."""

import json

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from markup.clean import clean_html
from markup.text import render

from .corpus import inputs

pytestmark = pytest.mark.browser

ORIGIN = "http://vraagbaak.test"
# Runs before anything in the page does.
HOOKS = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch"])
  window[name] = () => { window.ran.push(name); };
for (const name of ["log", "info", "warn", "error", "debug"]) console[name] = () => { window.ran.push("console"); };
Object.defineProperty(window, "__x", { set() { window.ran.push("__x"); } });
// Links are followed up to here: what a click would have opened is judged, not loaded.
window.clicked = [];
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) window.clicked.push(link.href);
  event.preventDefault();
});
"""
EXERCISE = """
async () => {
  const faults = [];
  const kinds = ["pointerenter", "mouseover", "mouseenter", "mousemove", "focus", "focusin", "load", "error", "toggle"];
  const all = [...document.querySelectorAll("main *")];
  for (const element of all) {
    for (const { name } of element.attributes)
      if (name.startsWith("on") || ["style", "srcdoc", "id", "name"].includes(name))
        faults.push(`${element.tagName} ${name}`);
    if (element.href && !["http:", "https:", "mailto:", "tel:"].includes(element.protocol)) faults.push(element.href);
    for (const kind of kinds)
      element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true }));
    element.focus?.();
    element.click?.();
  }
  await new Promise((done) => setTimeout(done));
  const links = all.filter((element) => element.href).length;
  return { faults, links, clicked: window.clicked.length, ran: window.ran, title: document.title };
}
"""


class Visit:
    """A page whose requests are all answered here and recorded."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = ""
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        page.add_init_script(HOOKS)
        page.route("**/*", self._answer)
        page.on("request", self._note)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("popup", lambda popup: self.requests.append(f"popup {popup.url}"))

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def _answer(self, route: Route) -> None:
        if route.request.url == f"{ORIGIN}/":
            head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>t</title>'
            body = f"{head}<main>{self.html}</main>"
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404, body="")

    def load(self, html: str) -> dict[str, object]:
        self.html = html
        self.requests.clear()
        self.page.goto(f"{ORIGIN}/")
        return self.page.evaluate(EXERCISE)


@pytest.fixture(scope="module")
def visit(browser: Browser) -> Visit:
    return Visit(browser.new_page())


def own(request: str) -> bool:
    return request == f"{ORIGIN}/" or request.startswith((f"{ORIGIN}/files/", f"{ORIGIN}/documents/"))


def test_the_hooks_notice_what_runs(visit: Visit) -> None:
    seen = visit.load(
        "<img src=x onerror=alert(1)><p onclick=\"window.__x=1\">x</p><a href='javascript:alert(1)'>x</a>"
    )
    assert {"alert", "__x"} <= set(seen["ran"])
    assert len(seen["faults"]) == 3
    assert f"{ORIGIN}/x" in visit.requests


@pytest.mark.parametrize("file", sorted({name.rsplit("-", 1)[0] for name in inputs()}))
def test_nothing_of_a_hostile_input_runs(visit: Visit, file: str) -> None:
    for name, source in inputs().items():
        if not name.startswith(file):
            continue
        html = clean_html(source) + render(source) + clean_html((source * 40)[:4_000])
        seen = visit.load(html)
        trouble = [url for url in visit.requests if not own(url)]
        assert (seen["ran"], seen["faults"], visit.dialogs, trouble) == ([], [], [], []), json.dumps([name, html])
        assert seen["title"] == "t"
        assert seen["clicked"] >= seen["links"]


def test_pointer_over_and_click_on_every_element_of_the_whole_corpus(visit: Visit) -> None:
    """With the real pointer, on one page with all outputs that are short enough to be visible."""
    html = "".join(f"<section>{render(source)}{clean_html(source)}</section>" for source in inputs().values())
    visit.load(html)
    places = visit.page.evaluate(
        """() => [...document.querySelectorAll("main section *")].map((element) => {
             const box = element.getBoundingClientRect();
             return [box.x + box.width / 2, box.y + box.height / 2, box.width * box.height];
           }).filter(([, , area]) => area).map(([x, y]) => [x, y])"""
    )
    height = visit.page.viewport_size["height"]
    for x, y in places:
        visit.page.evaluate("(top) => window.scrollTo(0, top)", max(0, y - height / 2))
        top = visit.page.evaluate("window.scrollY")
        visit.page.mouse.click(x, y - top)
    assert len(places) > 500
    assert visit.page.evaluate("window.ran") == []
    assert visit.dialogs == []
    assert visit.page.url == f"{ORIGIN}/"
    assert [url for url in visit.requests if not own(url)] == []
