"""Numbers, suggestions and lists reveal nothing of documents that somebody may not see."""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import unified_diff
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Circle, CircleMembership
from community import actions as community
from community.models import Answer
from discovery import suggestions
from discovery.analytics import export, figures, gap_report
from discovery.models import DailyQueryFigures, Gap
from kb.documents import topic_titles
from search import query, sources, vocabulary
from search.indexing import indexer
from tests.community.conftest import make_space
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db
WORD = "zwaluwenberg"
ASKED = [WORD, "zwaluwenbreg", "zwaluwenb", "zwa", "zwaluw berg", "parkeren", "parkeern", "-parkeren", "soort:faq"]
PERSONAS = ["anonymous", "agent"]


@pytest.fixture
def circle(people: People) -> Circle:
    """Return what only the owner may see."""
    row = Circle.objects.create(name="Kring", slug="t-kring")
    CircleMembership.objects.create(circle=row, user=people.owner)
    return row


def told(people: People, name: str) -> dict[str, str]:
    """Return all that search shows somebody, without signatures and times."""
    client = Client()
    if (user := people.persons()[name]).is_authenticated:
        client.force_login(user, backend="accounts.backends.RoleBackend")
    found = {}
    for text in ASKED:
        for route in ("search:results", "search:suggest", "search:similar"):
            page = client.get(reverse(route), {"q": text}).content.decode()
            page = re.sub(r'name="(csrfmiddlewaretoken|search)" value="[^"]*"', "", page)
            page = re.sub(r'(data-[a-z-]*note|data-search|search)="[^"]*"', "", page)
            found[f"{route} {text}"] = re.sub(r"[?&](?:amp;)?search=[^\"&]*|\"X-CSRFToken\": \"[^\"]*\"", "", page)
    return found


def test_a_hidden_document_changes_nothing(people: People, circle: Circle, indexed: Callable[[], int]) -> None:
    """Each page and fragment of search before and after, for each person, whose word is nowhere but in what is hidden.
    The vocabulary is learnt anew in between. It takes seconds: it asks for a hundred pages."""
    topic = make_topic("Auto", {audiences.PUBLIC})
    make_faq("Waar kan ik parkeren?", {audiences.PUBLIC}, topic)
    make_faq("Parkeren bij het servicecentrum", {audiences.STAFF}, topic)
    indexed()
    indexer.rebuild()
    vocabulary.clear()
    before = {name: told(people, name) for name in PERSONAS}
    for n in range(3):
        make_faq(f"Plan {WORD} {n}", {audiences.circle(circle.pk)}, topic)
    indexed()
    indexer.rebuild()
    vocabulary.clear()
    after = {name: told(people, name) for name in PERSONAS}
    wrong = [
        (name, what, list(unified_diff(before[name][what].split("\n"), after[name][what].split("\n"), n=0))[:8])
        for name in PERSONAS
        for what in before[name]
        if before[name][what] != after[name][what]
    ]
    assert not wrong, wrong[:3]
    owner = query.search(WORD, viewer=people.viewer("owner"), language="nl")
    assert owner.total == 3, "and whoever may see them finds them"
    assert suggestions.suggest("zwaluwenbreg", viewer=people.viewer("owner"), language="nl")


def test_a_closed_topic_is_named_to_nobody_else(people: People, circle: Circle, indexed: Callable[[], int]) -> None:
    topic = make_topic("Geheime Zaken", {audiences.circle(circle.pk)})
    key = str(topic.translation_key)
    space = make_space("t-open", audiences.PUBLIC)
    question = community.ask(
        by=Person(people.owner), space=space, title="Waar is de koffie?", body="", language="nl", topic=topic
    )
    indexed()
    assert topic_titles([key], "nl", people.viewer("owner")) == {key: "Geheime Zaken"}
    source = sources.get("question")
    assert source is not None
    wrong = []
    for name in PERSONAS:
        if topic_titles([key], "nl", people.viewer(name)):
            wrong.append((name, "by key"))
        client = Client()
        if (user := people.persons()[name]).is_authenticated:
            client.force_login(user, backend="accounts.backends.RoleBackend")
        for route, asked in [
            ("search:results", {"q": "koffie", "topic": key}),
            ("search:results", {"q": "onderwerp:geheime koffie"}),
            ("search:suggest", {"q": "waar is"}),
            ("chat:start", {"topic": str(topic.pk)}),
        ]:
            page = client.get(reverse(route), asked)
            if "Geheime Zaken" in page.content.decode():
                wrong.append((name, route))
        form = {"q": "Vraag", "team": people.hr.pk, "topic": topic.pk, "anyway": "1"}
        if client.post(reverse("chat:start"), form).status_code != 422:
            wrong.append((name, "chat about it"))
    titles = source.titles(source.queryset().filter(pk=question.pk))
    assert titles[str(question.pk)].topic_title == ""
    assert not wrong


def test_points_of_closed_places_are_not_counted(people: People, circle: Circle) -> None:
    closed, open_ = make_space("t-dicht", audiences.circle(circle.pk)), make_space("t-open", audiences.PUBLIC)
    for space in (closed, open_):
        question = community.ask(
            by=Person(people.owner), space=space, title="Waar is de koffie?", body="", language="nl"
        )
        answer = community.answer(by=Person(people.owner), question=question, body="Hier.")
        type(answer).objects.filter(pk=answer.pk).update(vote_count=5)
    owner = people.owner.pk
    seen = {
        name: Answer.objects.visible_to(people.viewer(name)).points({owner}).get(owner, 0) for name in people.persons()
    }
    assert seen == dict.fromkeys(people.persons(), 5) | {"owner": 10}


def test_wordings_of_few_are_shown_nowhere(people: People, client: Client, settings: Any) -> None:
    settings.SEARCH_QUERY_PEOPLE = 3
    today = timezone.localdate()
    for text, number in (("geheim zwaluwplan", 2), ("koffie op kantoor", 3)):
        gap = Gap.objects.create(language="nl", text=text, words=text, since=today)
        DailyQueryFigures.objects.create(
            day=today, language="nl", text=text, searches=9, people=number, gaps=9, gap_people=number, gap=gap
        )
    period = (today - timedelta(days=7), today)
    assert [row.text for row in gap_report.gaps(*period)] == ["koffie op kantoor"]
    assert gap_report.counts(*period)[Gap.State.OPEN] == 1
    assert [row.text for row in figures.top(*period)] == ["koffie op kantoor"]
    assert [row.text for row in figures.least_clicked(*period)] == ["koffie op kantoor"]
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    pages = [client.get(reverse("search_dashboard"))]
    pages += [client.get(reverse("search_dashboard"), {"csv": name}) for name in export.TABLES]
    for state in Gap.State.values:
        Gap.objects.update(state=state, answered=timezone.now(), hidden=timezone.now(), reason="other")
        pages.append(client.get(reverse("search_dashboard"), {"gaps": state}))
    shown = [page.content.decode() for page in pages]
    assert all(page.status_code == 200 for page in pages) and any("koffie op kantoor" in text for text in shown)
    assert not [text for text in shown if "zwaluwplan" in text]
    few = Gap.objects.get(text="geheim zwaluwplan")
    for name in ("search_gap_hide", "search_gap_reopen"):
        answers = [client.post(reverse(name, args=[pk]), {"reason": "other"}, follow=True) for pk in (few.pk, 999_999)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert "zwaluwplan" not in answers[0].content.decode()
