"""The forum in a real browser: no findings of axe, voting stays on the page, similar questions appear while typing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.audiences import Person
from community import actions
from moderation import actions as moderation
from tests.browser import problems, sign_in
from tests.community.conftest import Forum
from tests.looks import Look, looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]


@looks()
def test_the_forum_is_sound(visit: Visit, forum: Forum, look: Look) -> None:
    language = look.language
    hidden = actions.answer(
        by=Person(forum.people.colleague), question=forum.question, body="> Citaat\n\n`code`\n\n1. een"
    )
    moderation.hide(by=forum.people.viewer("curator"), key=hidden.key)
    actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    forum.ask(forum.employees, "Donaudampfschifffahrtsgesellschaftskapitän" * 4)
    space = forum.employees if language == "nl" else forum.employees_en
    page, wrong = visit("/robots.txt", **look.options), []
    for name in ("anonymous", "owner", "curator"):
        person = getattr(forum.people, name)
        if name != "anonymous":
            sign_in(page, person)
        for title, path in {
            "index": f"/{language}/community/",
            "space": space.url,
            "ask": "/nl/vraag-stellen/" if language == "nl" else "/en/ask/",
            "question": f"/{language}/q/{forum.question.pk}-{forum.question.slug}/",
            "edit": f"/{language}/q/{forum.question.pk}/edit/",
        }.items():
            page.goto(path)
            wrong += [f"{path} for {name}: {line}" for line in problems(page, f"community-{title}-{name}")]
    assert not wrong, "\n".join(["pages of the forum should be sound, but:", *wrong])


def test_a_vote_stays_on_the_page_and_keeps_the_focus(visit: Visit, forum: Forum) -> None:
    page = visit("/robots.txt")
    sign_in(page, forum.people.owner)
    page.goto(forum.question.get_absolute_url())
    button = page.locator(f"#vote-answer-{forum.answer.pk}")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    expect(page.locator(".vb-votes", has=button)).to_contain_text("1")
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_asking_with_a_preview(visit: Visit, forum: Forum) -> None:
    page = visit("/robots.txt")
    sign_in(page, forum.people.owner)
    page.goto("/nl/vraag-stellen/")
    page.get_by_label("Je vraag").fill("Waar is de lift?")
    expect(page.locator("#similar")).to_contain_text("Nog geen antwoord")
    page.locator("textarea[name=body]").fill("Hij is **stuk**.")
    page.get_by_text("Voorbeeld", exact=True).click()
    expect(page.locator(".vb-editor-preview strong")).to_have_text("stuk")
    page.get_by_label("Waar", exact=True).select_option(label="Medewerkers (voor alle medewerkers)")
    page.get_by_role("button", name="Vraag het de community").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waar is de lift?")
    expect(page.get_by_text("Wacht op antwoord")).to_be_visible()


def test_without_script(visit: Visit, forum: Forum) -> None:
    page = visit("/robots.txt", java_script_enabled=False)
    sign_in(page, forum.people.owner)
    page.goto(forum.question.get_absolute_url())
    page.locator(f"#vote-answer-{forum.answer.pk}").click()
    expect(page.locator(f"#vote-answer-{forum.answer.pk}")).to_have_attribute("aria-pressed", "true")
    page.locator("textarea[name=body]").fill("Gevonden, dank je.")
    page.get_by_role("button", name="Plaats je antwoord").click()
    expect(page.get_by_text("Gevonden, dank je.")).to_be_visible()
    page.locator(f"#answer-{forum.answer.pk}").get_by_role("button", name="Dit is het antwoord").click()
    expect(page.get_by_text("Dit was de oplossing")).to_be_visible()


def test_after_a_refused_form_going_back_sends_nothing_again(visit: Visit, forum: Forum) -> None:
    page = visit("/robots.txt")
    sign_in(page, forum.people.owner)
    page.goto("/nl/community/")
    page.goto("/nl/vraag-stellen/")
    page.locator("#id_space").select_option(str(forum.employees.pk))
    page.locator("#id_q").fill("!!!!!!!!!!")
    page.get_by_role("button", name="Vraag het de community").click()
    expect(page.locator("#id_q")).to_have_attribute("aria-invalid", "true")
    page.wait_for_load_state()  # its script has run
    page.locator("#id_q").fill("Hoe groot is een kolibrie?")
    page.get_by_role("button", name="Vraag het de community").click()
    expect(page).to_have_url(re.compile(r"/nl/q/\d+"))
    page.go_back()
    expect(page).to_have_url(re.compile("/nl/vraag-stellen/$"))
    expect(page.locator("#id_q")).not_to_have_attribute("aria-invalid", "true")
    assert page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") == 200
