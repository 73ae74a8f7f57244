"""Menus and panels come from descriptions: in order, for whom they are, and nothing of a package that has none."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse

from tests.described import described
from tests.people import People
from web import menus
from web.descriptions import MenuEntry, Panel
from web.packages import packages


def labels(menu: str, user: object) -> list[str]:
    return [line.entry.url_name for line in menus.lines(menu, user, "/nl/")]


def test_menus_hold_what_a_person_may_use(people: People) -> None:
    readers = ["kb:topics", "community:index", "chat:mine"]
    assert labels("top", None) == labels("top", people.anonymous) == labels("top", people.owner) == readers
    assert labels("top", people.curator)[3:] == ["chat:desk", "kb:curate", "moderation:queue", "wagtailadmin_home"]
    assert labels("account", people.administrator) == ["accounts:manage", "wagtailadmin_home"]
    assert labels("management", people.administrator)[-1] == "notifications:sent_mail"
    assert labels("bottom", people.anonymous)[2] == "chat:start"


def test_the_page_that_is_open_is_marked(people: People) -> None:
    topics, start = reverse("kb:topics"), reverse("chat:start")
    current = {line.url for line in menus.lines("bottom", people.owner, f"{topics}verlof/") if line.current}
    assert current == {topics}
    below = [line.current for line in menus.lines("bottom", people.owner, f"{start}7/") if line.url == start]
    assert below == [False], "the first thing to do is marked on its own page only"


def test_an_entry_whose_page_is_not_there_is_left_out(people: People) -> None:
    gone = MenuEntry(menus=("top",), label="x", url_name="kb:gone", order=0)
    with described(menu=(gone,)):
        assert "kb:gone" not in labels("top", people.owner)


def test_panels_are_shown_in_order_to_whom_they_are_for(people: People) -> None:
    first = Panel(place="test", template="discovery/_gaps_link.html", order=1, permissions=("search.curate",))
    second = Panel(place="test", template="community/_home_card.html", order=2, signed_in=True)
    with described(panels=(second, first)):
        shown = {name: _shown(getattr(people, name)) for name in ("anonymous", "owner", "curator")}
    assert shown["anonymous"].strip() == ""
    assert "#h-gaps" not in shown["owner"] and reverse("community:index") in shown["owner"]
    assert shown["curator"].index("#h-gaps") < shown["curator"].index(reverse("community:index"))


def _shown(user: object) -> str:
    request = RequestFactory().get("/nl/")
    request.user = user
    return str(engines["django"].from_string('{% panels "test" %}').render({"user": user}, request))


@pytest.mark.parametrize("panel", [panel for package in packages() for panel in package.panels])
def test_every_panel_has_its_template_and_its_place(panel: Panel) -> None:
    assert get_template(panel.template)
    assert _says(panel.place), f"no template says {panel.place}"


def _says(place: str) -> bool:
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    return any(f'{{% panels "{place}"' in path.read_text() for path in templates)


def test_a_page_without_a_reader_has_menus(db: None) -> None:
    assert reverse("kb:topics") in Template('{% menu_lines "top" as all %}{{ all.0.url }}').render(Context({}))
