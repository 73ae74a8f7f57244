"""The pages of the knowledge base in a real browser: no blocked requests, no findings of axe."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from wagtail.admin.views.pages.edit import EditView as PageEditView
from wagtail.snippets.views.snippets import EditView as SnippetEditView

from accounts import audiences
from accounts import demo as people_demo
from accounts.models import User
from kb import demo
from kb.addresses import page_url
from kb.capture import Exchange, OriginValue, Turn
from kb.models import ArticlePage, Faq, TopicPage
from tests.browser import problems, screenshot, settle, sign_in, sound
from tests.described import described
from tests.kb.conftest import make_faq, make_topic
from tests.looks import Look, looks
from tests.people import People
from web.descriptions import Capturable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture
def knowledge(live_server: Any) -> None:
    """Load the demo's people and knowledge."""
    people_demo.load(ROOT, "secret")
    demo.load(ROOT)


@looks()
def test_readers_pages(knowledge: None, visit: Callable[..., Page], look: Look) -> None:
    faq = Faq.objects.filter(source_id="factuur-sturen-naar-de-brug.en").get()
    pages = {
        "home": "/nl/",
        "topics": "/nl/onderwerpen/",
        "topic": page_url(TopicPage.objects.get(slug="facturen")),
        "faq": faq.get_absolute_url(),
    }
    public = next(a for a in ArticlePage.objects.live() if audiences.PUBLIC in a.audience.key_set)
    pages["article"] = page_url(public)
    page, wrong = visit("/robots.txt", **look.options), []
    for name, path in pages.items():
        page.goto(path)
        settle(page)
        wrong += [f"{path} {line}" for line in problems(page, f"kb-{name}")]
    assert not wrong, "\n".join(["pages of the knowledge base should be sound, but:", *wrong])
    page.goto(faq.get_absolute_url())
    settle(page)
    page.get_by_role("button", name="No, not really").click()
    page.get_by_label("What was missing?").fill("The address for credit notes.")
    page.get_by_role("button", name="Tell the curator").click()
    page.get_by_role("heading", name="Thank you. A curator will read what you wrote.").wait_for()
    assert faq.feedback.get().reason == "The address for credit notes."
    sound(page)


@looks()
def test_staff_pages(knowledge: None, visit: Callable[..., Page], look: Look) -> None:
    agent = User.objects.filter(role_grants__role="agent", memberships__organisation__kind="ssc").first()
    turn = {"author_label": "Noor", "at": Faq.objects.first().created}
    exchange = Exchange(
        turns=[
            Turn(is_staff=False, text="Hoe kan ik mijn factuur terugvinden? Bel me op 06-12345678.", **turn),
            Turn(is_staff=True, text="Je vindt hem in **Finbrug**, bij Facturen.", **turn),
        ],
        suggested_question="Hoe kan ik mijn factuur terugvinden? Bel me op 06-12345678.",
        suggested_answer="Je vindt hem in **Finbrug**, bij Facturen.",
        language="nl",
        topic=TopicPage.objects.get(slug="facturen"),
        origin=OriginValue(key="test:1", url="/nl/", audience_keys=frozenset({audiences.STAFF})),
    )
    with described(capturable=(Capturable(kind="test", load=lambda viewer, pk: exchange),)):
        page = visit("/robots.txt", **look.options)
        sign_in(page, agent)
        page.goto("/nl/kennis/capture/test/1/")
        sound(page, "kb-capture")
        page.get_by_label("Vervang door [telefoonnummer]").check()
        page.get_by_role("button", name="Stuur naar kennisbeheerder").click()
        page.get_by_text("Verstuurd naar de kennisbeheerder").wait_for()
        assert "[telefoonnummer]" in Faq.objects.latest("created").question
    for who, path in ((agent, "kennis/concepten/"), (_curator(), "kennis/beheer/")):
        page = visit("/robots.txt", **look.options)
        sign_in(page, who)
        page.goto(f"/nl/{path}")
        sound(page, f"kb-{path.split('/')[1]}")


def _curator() -> User:
    return User.objects.filter(role_grants__role="curator").first()


@pytest.mark.parametrize(("width", "language"), [(390, "nl"), (1280, "en")])
def test_a_curator_says_yes_to_new_readers_by_keyboard(
    visit: Callable[..., Page], people: People, width: int, language: str
) -> None:
    faq = make_faq("Wie heeft de sleutel?", {audiences.STAFF}, make_topic("Verlof", {audiences.PUBLIC}))
    User.objects.filter(pk=people.curator.pk).update(language=language)
    page = visit("/nl/", width=width, language=language)
    sign_in(page, people.curator)
    page.goto(reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk]))
    page.locator("input[name=own_audience][value=public]").check()
    menu = page.locator(".w-dropdown--dropdown-button [data-w-dropdown-target=toggle]").last
    menu.click()
    page.locator("button[name=action-publish]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "false")
    screenshot(page, f"widening-{width}-{language}")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(menu).to_be_focused()
    page.locator("button[name=action-publish]").evaluate("button => button.click()")
    expect(dialog.locator("[data-readers-back]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(dialog.locator("[data-readers-yes]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/edit/" not in url)
    faq.refresh_from_db()
    assert audiences.PUBLIC in faq.audience.key_set


@looks()
def test_what_is_too_large_is_said_beside_its_field_before_it_is_sent(
    people: People, visit: Callable[..., Page], look: Look
) -> None:
    """A text and a file that are too large stay in the form until they fit. The limits are the server's."""
    page = visit("/robots.txt", **look.options)
    sign_in(page, people.curator)
    page.goto("/nl/chat/")
    question = page.locator("textarea[name=q]")
    assert question.get_attribute("data-longest") == "4000"
    similar = "**/lijkt-op/**"  # answered before leaving the page
    with page.expect_response(similar):
        question.fill("x" * 4_002)
    expect(page.get_by_text("Te lang: 2 tekens te veel.")).to_be_visible()
    page.get_by_role("button", name="Begin de chat").click()
    expect(question).to_be_focused()
    expect(question).to_have_value("x" * 4_002)
    sound(page, "too-long")
    with page.expect_response(similar):
        question.fill("Past dit?")
    expect(page.get_by_text("tekens te veel")).to_be_hidden()
    settle(page)

    page.goto(reverse("wagtailimages:add"))
    file = page.locator("input[type=file]")
    assert file.get_attribute("data-largest") == str(10 * 1024 * 1024)
    file.evaluate("field => field.dataset.largest = 10")
    file.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"more than ten bytes"})
    told = {"nl": "Dit bestand is groter dan 10,0 MB.", "en": "This file is larger than 10.0 MB."}[look.language]
    expect(page.get_by_text(told)).to_be_visible()


class Slow:
    """Wagtail's autosave, held at the server until the test releases it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.WAGTAIL_AUTOSAVE_INTERVAL = 200
        self.come, self.go = threading.Event(), threading.Event()
        for view in (SnippetEditView, PageEditView):
            monkeypatch.setattr(view, "post", self._holding(view.post))

    def _holding(self, post: Callable[..., Any]) -> Callable[..., Any]:
        def held(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            if view.expects_json_response:
                self.come.set()
                assert self.go.wait(30)
            return post(view, request, *args, **kwargs)

        return held


@pytest.mark.parametrize("kind", ["FAQ", "page"])
def test_a_refused_publish_does_not_take_ones_own_autosave_for_somebody_elses(
    visit: Callable[..., Page], people: People, monkeypatch: pytest.MonkeyPatch, settings: Any, kind: str
) -> None:
    """Publish is pressed during an autosave, and the server refuses: here because the question was not shown."""
    slow = Slow(monkeypatch, settings)
    topic = make_topic("Verlof", {audiences.PUBLIC})
    row: Any = make_faq("Wie?", {audiences.STAFF}, topic) if kind == "FAQ" else make_topic("Binnen", {audiences.STAFF})
    row.save_revision().publish()
    edit = reverse("wagtailsnippets_kb_faq:edit" if kind == "FAQ" else "wagtailadmin_pages:edit", args=[row.pk])
    name = "answer" if kind == "FAQ" else "intro"
    page = visit("/nl/")
    sign_in(page, people.curator)
    page.route("**/cms/readers/**", lambda route: route.abort())
    page.goto(edit)
    page.wait_for_timeout(2_100)  # Wagtail compares the form's state after two seconds
    text = page.locator(f"[name={name}]")
    text.fill("Wat ik typte.")
    page.locator("input[name=own_audience][value=public]").evaluate("box => box.click()")
    page.locator("[data-w-autosave-state-value=saving]").wait_for(state="attached")
    assert slow.come.wait(30)
    page.locator("button[name=action-publish]").evaluate("button => button.click()")
    page.wait_for_timeout(1_500)  # longer than the refusal would take if it were not held
    slow.go.set()
    yes = page.get_by_role("button", name="Ja, publiceer voor deze lezers")
    expect(yes).to_be_visible()
    expect(text).to_have_value("Wat ik typte.")
    with page.expect_response(lambda r: r.url.endswith(edit) and r.request.method == "POST") as saved:
        text.fill("Wat ik daarna typte.")
    assert saved.value.status == 200, saved.value.text()
    yes.click()
    page.wait_for_url(lambda url: "/edit/" not in url)
    row.refresh_from_db()
    assert getattr(row, name) == "Wat ik daarna typte."
    assert audiences.PUBLIC in row.audience.key_set


def test_somebody_elses_newer_draft_is_still_asked_about(
    visit: Callable[..., Page], people: People, settings: Any
) -> None:
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 200
    faq = make_faq("Wie?", {audiences.STAFF}, make_topic("Verlof", {audiences.PUBLIC}))
    page = visit("/nl/")
    sign_in(page, people.curator)
    page.goto(reverse("wagtailsnippets_kb_faq:edit", args=[faq.pk]))
    page.wait_for_timeout(2_100)
    faq.answer = "Van een ander."
    faq.save_revision(user=people.agent)
    page.locator("[name=answer]").fill("Van mij.")
    page.locator("[data-w-autosave-state-value=paused]").wait_for(state="attached")
    page.locator("button[name=action-publish]").evaluate("button => button.click()")
    expect(page.locator("#w-save-confirmation-dialog")).to_be_visible()
    faq.refresh_from_db()
    assert faq.get_latest_revision_as_object().answer == "Van een ander."
