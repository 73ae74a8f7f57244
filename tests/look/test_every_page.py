"""Every page of ours, as the persons to whom it matters, narrow and wide, light and dark; its language changes daily.

On each: axe finds nothing, nothing sticks out sideways, and no word of the other language was left. Which person gets
which address is read from docs/access.md, so a new page is looked at as soon as it stands there. A page is shown to
the first person of ORDER who gets it, and to all of them when AGAIN names it. FULL=1 loads each page eight times: in
both languages, at both widths, in both themes.
"""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse, translate_url
from django.utils.translation import override
from playwright.sync_api import Page, expect

from accounts import audiences
from accounts.audiences import Person
from community import actions as community
from community.models import Question, SpacePage
from config.translations import load, po_files
from kb.models import HomePage
from tests.browser import problems, sign_in, sound, wear
from tests.community.conftest import make_space
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.looks import ALL, FULL, LANGUAGES, rotated
from tests.people import People
from tests.test_access import addresses, read_table

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
ORDER = ["anonymous", "owner", "agent", "curator", "administrator"]
# What looks different to whoever is signed in, or may do more.
AGAIN = ("page: Vraagbaak", "community:question (public)", "community:ask", "kb:faq (public)", "chat:mine")
# For machines, or parts of pages; they are seen where they stand.
PARTS = (
    *("health", "robots", "security_txt", "manifest", "sitemap", "search:similar", "search:suggest", "search:related"),
    *("chat:status", "chat:desk_lists", "community:latest_fragment", "community:mine_fragment"),
)
# Titles and words of the content that the test makes, in Dutch.
CONTENT = {"Verlof", "Concept", "Onderwerp", "Tekst"}
# What a reader meets: text and names of the page's own language, not what is marked as another.
WORDS = """() => {
  const own = document.documentElement.lang, found = new Set();
  const ours = (e) => e.closest("[lang]").lang === own && !e.closest("script, style, template");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (ours(walker.currentNode.parentElement)) found.add(walker.currentNode.data);
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const e of document.querySelectorAll(`body [${name}]`)) if (ours(e)) found.add(e.getAttribute(name));
  found.add(document.title.split(" · ")[0]);
  return [...found].map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean);
}"""


def pages(people: People, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What this person is shown: label, and path by language. Some need a question mark to be more than empty."""
    table = read_table()
    earlier = ORDER[: ORDER.index(name)]
    with override("nl"):
        every = addresses(people)
    for label, path in every:
        if label.startswith(PARTS) or not table[name].get(label, "").startswith("200 "):
            continue
        if label.startswith(AGAIN) or not any(table[e].get(label, "").startswith("200 ") for e in earlier):
            yield label, {"nl": path} if label.startswith("page: ") else both(path)
    question = Question.objects.order_by("pk").first()
    assert question is not None
    if name == "anonymous":
        yield "results", both(reverse("search:results"), "?q=verlof")
        yield "nothing found", both(reverse("search:results"), "?q=xyzzyqwv")
        yield "404", {language: f"/{language}/nowhere/" for language in LANGUAGES}
    if name == "owner":
        yield "ask, typed", both(reverse("community:ask"), "?q=verlof")
        yield "flag", both(reverse("moderation:flag"), f"?key=question:{question.pk}")
    for page in HomePage.objects.get(locale__language_code="en").get_descendants(inclusive=True).live().specific():
        if name == "anonymous" or page.get_url() == "/en/":
            yield f"English page: {page.title}", {"en": page.get_url()}


def both(path: str, query: str = "") -> dict[str, str]:
    """A path in each language."""
    return {language: translate_url(path, language) + query for language in LANGUAGES}


def english(people: People) -> None:
    """A topic, an article, an FAQ and a question in English."""
    topic = make_topic("Holidays", {audiences.PUBLIC}, "en")
    make_article("Holidays from A to Z", {audiences.PUBLIC}, topic)
    make_faq("How do I ask for a day off?", {audiences.PUBLIC}, topic)
    make_space("t-counter", audiences.PUBLIC)
    community.ask(
        by=Person(people.owner),
        space=SpacePage.objects.get(slug="t-counter"),
        title="Where is the printer?",
        body="",
        language="en",
    )


def left_over(page: Page, language: str) -> list[str]:
    """Words of the other language that our catalogues have a translation for."""
    dutch, source = set(), set()
    for path in po_files():
        for message in load(path):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            source.update(ids)
            dutch.update(strings)
    wrong = source - dutch if language == "nl" else dutch - source - CONTENT
    return sorted(word for word in page.evaluate(WORDS) if word in wrong)


@pytest.mark.parametrize("name", ORDER)
def test_every_page(visit: Visit, people: People, indexed: Callable[[], int], name: str) -> None:
    english(people)
    shown = dict(pages(people, name))
    indexed()
    tabs: dict[str, Page] = {}
    wrong = []
    for label, look in [(each, look) for each in shown for look in (ALL if FULL else [rotated(f"{name} {each}")])]:
        language = look.language if look.language in shown[label] else next(iter(shown[label]))
        if language not in tabs:
            tabs[language] = visit("/robots.txt", language=language)
            if name != "anonymous":
                sign_in(tabs[language], getattr(people, name))
        page = tabs[language]
        wear(page, look.width, look.dark)
        page.goto(shown[label][language])
        found = problems(page)
        if f"/{language}/" in page.url and label != "styleguide":  # its examples are in Dutch
            found += [f"left in the other language: {word}" for word in left_over(page, language)]
        wrong += [f"{label} {shown[label][language]} {line}" for line in found]
    assert not wrong, "\n".join([f"what {name} is shown should be sound, but:", *wrong])
    assert len(shown) >= {"anonymous": 15, "owner": 12, "agent": 8, "curator": 4, "administrator": 15}[name]


def test_wrong_input_keeps_everything(visit: Visit, people: People) -> None:
    for slug in ("t-open", "t-counter"):
        make_space(slug, audiences.PUBLIC)
    page = visit("/robots.txt", width=390)
    sign_in(page, people.owner)
    page.goto("/nl/vraag-stellen/?q=Waar+staat+de+printer%3F")
    page.locator("textarea[name=body]").fill("De oude is weg.")
    with page.expect_response(lambda r: r.request.method == "POST") as posted:
        page.locator("main").get_by_role("button", name="Vraag het de community").click()
    assert posted.value.status == 422
    expect(page.locator("[name=q]").last).to_have_value("Waar staat de printer?")
    expect(page.locator("textarea[name=body]")).to_have_value("De oude is weg.")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
