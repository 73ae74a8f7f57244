"""Duplicates shown before a question is posted."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Team
from chat.models import Conversation
from community import actions
from community.models import Question, SpacePage
from search import similarity
from search.language.analysis import BY_DICTIONARY
from tests.community.conftest import make_space
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

ASKED = "Waar staat de koffiemachine van gebouw Zuid?"
AGAIN = "waar staat in gebouw zuid de koffiemachine"
pytestmark = pytest.mark.django_db


@pytest.fixture
def space(people: People, indexed: Callable[[], int]) -> SpacePage:
    """Create a space with a question, a public FAQ and one for HR."""
    space = make_space("t-open", audiences.PUBLIC)
    actions.ask(by=Person(people.colleague), space=space, title=ASKED, body="", language="nl")
    topic = make_topic("Gebouw", {audiences.PUBLIC})
    make_faq("Hoe maak ik de vergaderzaal schoon?", {audiences.PUBLIC}, topic)
    make_faq("Waar liggen de dossiers van de vertrouwenspersoon?", {audiences.team(people.hr.pk)}, topic)
    indexed()
    return space


def ask(client: Client, space: SpacePage, question: str, **more: str) -> tuple[int, str, bool]:
    """Post a question. Return status, page, and True if it was posted."""
    before = Question.objects.count()
    posted = {"q": question, "body": "Met *nadruk*.", "space": str(space.pk), "language": "nl"} | more
    response = client.post("/nl/vraag-stellen/", posted)
    return response.status_code, response.text, Question.objects.count() > before


@pytest.fixture
def owner(client: Client, people: People) -> Client:
    """Return a client signed in as the owner."""
    client.force_login(people.owner)
    return client


def test_the_same_question_is_shown_once_and_nothing_is_lost(owner: Client, space: SpacePage) -> None:
    status, page, posted = ask(owner, space, AGAIN, seen="1")
    assert (status, posted) == (200, False)
    assert "Deze vraag is al gesteld" in page
    assert ASKED in page
    assert f'name="key" value="{Question.objects.get().key}"' in page  # to follow it
    assert AGAIN in page
    assert "Met *nadruk*." in page
    assert f'<option value="{space.pk}" selected>' in page
    assert '<input type="hidden" name="anyway" value="1">' in page
    assert ask(owner, space, AGAIN, anyway="1")[2]


def test_without_javascript_answers_are_shown_before_posting(owner: Client, space: SpacePage) -> None:
    status, page, posted = ask(owner, space, "Hoe krijg ik een vergaderzaal schoon na een feest?")
    assert (status, posted) == (200, False)
    assert "Misschien al beantwoord" in page.partition('id="already"')[2]
    assert "Hoe maak ik de" in page
    assert ask(owner, space, "Hoe krijg ik een vergaderzaal schoon na een feest?", seen="1")[2]


def test_what_is_new_is_posted_at_once(owner: Client, space: SpacePage) -> None:
    assert ask(owner, space, "Mag mijn hond mee op vrijdagmiddag?")[2]


def test_nobody_is_told_of_what_is_not_theirs(owner: Client, people: People, space: SpacePage) -> None:
    question = "Waar liggen de dossiers van de vertrouwenspersoon?"
    assert ask(owner, space, question)[2]
    curator = Client()
    curator.force_login(people.curator)
    assert "Waar liggen de" in ask(curator, space, question)[1]


def test_an_invalid_form_says_what_is_wrong_first(owner: Client, space: SpacePage) -> None:
    status, page, _ = ask(owner, space, AGAIN, language="xx")
    assert status == 422
    assert 'id="already"' not in page


def test_a_chat_shows_answers_once_to_those_who_saw_none(client: Client, people: People, space: SpacePage) -> None:
    Team.objects.update(takes_chats=True)
    posted = {"q": AGAIN, "team": str(people.hr.pk), "email": "x@example.com"}
    response = client.post("/nl/chat/", posted)
    assert response.status_code == 200, response.text[:500]
    assert "Waar" in response.text.partition('id="already"')[2]
    assert "x@example.com" in response.text
    assert not Conversation.objects.exists()
    assert client.post("/nl/chat/", posted | {"seen": "1"}).status_code == 302
    assert client.post("/nl/chat/", posted | {"anyway": "1"}).status_code == 302


def test_while_typing_the_same_question_is_named(client: Client, space: SpacePage) -> None:
    text = client.get("/nl/zoeken/lijkt-op/", {"q": AGAIN}).text
    assert "Deze vraag is al gesteld." in text
    assert 'name="seen" value="1"' in text
    assert "Deze vraag" not in client.get("/nl/zoeken/lijkt-op/", {"q": "koffiemachine stuk in noord"}).text


def test_the_desk_sees_what_comes_nearest(client: Client, space: SpacePage) -> None:
    address, text = "/nl/zoeken/lijkt-op/", "vergaderzaal ondersteboven"
    assert "Nog geen antwoord dat hierop lijkt" in client.get(address, {"q": text}).text
    page = client.get(address, {"q": text, "nearest": "1"}).text
    assert "Wat het dichtst in de buurt komt" in page
    assert "Hoe maak ik de <mark>vergaderzaal</mark> schoon?" in page
    assert 'href="/nl/zoeken/?q=vergaderzaal%20ondersteboven"' in page
    clear = client.get(address, {"q": "vergaderzaal schoonmaken", "nearest": "1"}).text
    assert "vergaderzaal</mark> schoon" in clear and "in de buurt" not in clear
    assert "Terwijl je typt" in client.get(address, {"q": " ", "nearest": "1"}).text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ASKED, AGAIN, True),
        ("Hoe vraag ik verlof aan?", "verlof: hoe vraag je dat aan", True),
        ("Hoe vraag ik verlof aan?", "Hoe trek ik een verlofaanvraag in?", False),
        ("Waar staat de printer?", "Waar staat de printer in Utrecht?", False),
        ("Hoe werkt het?", "Wie is het?", False),
        ("", "", False),
    ],
)
def test_nearly_the_same_words_are_the_same_question(one: str, other: str, same: bool) -> None:
    assert similarity.same_question(one, other, "nl", BY_DICTIONARY) == same
