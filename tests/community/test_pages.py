"""Who may see which page of the forum, and what it shows."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.audiences import Person
from accounts.models import User
from community import actions
from community.forms import QuestionForm
from community.models import Question, Vote
from moderation import actions as moderation
from tests.community.conftest import Forum
from tests.community.test_actions import EMPLOYED, EVERYBODY

pytestmark = pytest.mark.django_db


def client_of(forum: Forum, name: str) -> Client:
    client = Client()
    person = getattr(forum.people, name)
    if isinstance(person, User):
        client.force_login(person, backend="accounts.backends.RoleBackend")
    return client


def url(question: Question) -> str:
    return question.get_absolute_url()


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_sees_which_space_and_question(forum: Forum, name: str) -> None:
    client = client_of(forum, name)
    spaces = {
        space.slug
        for space in (forum.public, forum.employees, forum.waterland, forum.circle)
        if client.get(space.url).status_code == 200
    }
    expected = {"loket"}
    expected |= {"medewerkers"} if name in EMPLOYED else set()
    expected |= {"waterland"} if name in {"owner", "colleague", "agent", "ict_agent", "curator"} else set()
    expected |= {"kring"} if name == "owner" else set()
    assert spaces == expected
    index = client.get("/nl/community/").content.decode()
    for space in (forum.public, forum.employees, forum.waterland, forum.circle):
        assert (space.url in index) == (space.slug in expected)
    seen = client.get(url(forum.question))
    assert seen.status_code == (200 if name in EMPLOYED else 404)
    assert (forum.question.title in index) == (name in EMPLOYED)


@pytest.mark.parametrize("name", EVERYBODY)
def test_hidden_and_missing_look_the_same(forum: Forum, name: str) -> None:
    moderation.hide(by=forum.people.viewer("curator"), key=forum.question.key)
    client = client_of(forum, name)
    hidden, missing = client.get(url(forum.question)), client.get("/nl/q/999999-niets/")
    if name in {"owner", "curator"}:
        assert "Verborgen door een moderator" in hidden.content.decode()
    else:
        assert hidden.status_code == missing.status_code == 404
        assert forum.question.title not in hidden.content.decode()
    assert forum.question.title not in client.get("/nl/community/").content.decode()
    assert forum.question.title not in client.get(forum.employees.url).content.decode()


@pytest.mark.parametrize("name", ["owner", "agent", "colleague", "curator"])
def test_a_hidden_answer_is_for_its_author_and_moderators(forum: Forum, name: str) -> None:
    moderation.hide(by=forum.people.viewer("curator"), key=forum.answer.key)
    page = client_of(forum, name).get(url(forum.question)).content.decode()
    assert (forum.answer.body in page) == (name in {"agent", "curator"})


def test_the_number_decides_and_a_wrong_slug_redirects(forum: Forum) -> None:
    client = client_of(forum, "owner")
    for wrong in (f"/nl/q/{forum.question.pk}-iets-anders/", f"/nl/q/{forum.question.pk}/"):
        answer = client.get(wrong)
        assert (answer.status_code, answer["Location"]) == (301, url(forum.question))
    assert client_of(forum, "outsider").get(f"/nl/q/{forum.question.pk}-iets-anders/").status_code == 404


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_space_lists_the_questions_of_its_translations(forum: Forum, language: str) -> None:
    space = forum.employees if language == "nl" else forum.employees_en
    page = client_of(forum, "owner").get(space.url).content.decode()
    assert forum.question.title in page
    english = client_of(forum, "owner").get(f"/en/q/{forum.question.pk}-{forum.question.slug}/").content.decode()
    assert "1 answer" in english
    assert forum.employees_en.url in english


def test_the_lists_of_a_space(forum: Forum) -> None:
    waiting = forum.ask(forum.employees, "Wie heeft de sleutel?", by=forum.people.colleague)
    actions.accept(by=Person(forum.people.owner), answer=forum.answer)
    client = client_of(forum, "owner")
    lists = {
        name: client.get(forum.employees.url + path).content.decode()
        for name, path in (
            ("latest", ""),
            ("waiting", "onbeantwoord/"),
            ("solved", "opgelost/"),
            ("mine", "mijn-vragen/"),
        )
    }
    shown = {
        name: {q.pk for q in (waiting, forum.question) if f"/nl/q/{q.pk}-" in html} for name, html in lists.items()
    }
    assert shown == {
        "latest": {waiting.pk, forum.question.pk},
        "waiting": {waiting.pk},
        "solved": {forum.question.pk},
        "mine": {forum.question.pk},
    }
    assert client.get(forum.employees_en.url + "unanswered/").status_code == 200
    assert client_of(forum, "outsider").get(forum.employees.url + "onbeantwoord/").status_code == 404


def test_asking(forum: Forum) -> None:
    client = client_of(forum, "owner")
    page = client.get("/nl/vraag-stellen/?q=Waar+is+de+lift").content.decode()
    assert 'value="Waar is de lift"' in page
    assert "Medewerkers" in page
    assert "Kring" in page
    answer = client.post(
        "/nl/vraag-stellen/",
        {"q": "Waar is  de lift?", "body": "Hij is *stuk*.", "space": forum.employees.pk, "language": "nl"},
    )
    question = Question.objects.get(title="Waar is de lift?")
    assert answer["Location"] == url(question)
    assert question.author == forum.people.owner


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_visible_spaces_can_be_chosen(forum: Forum, name: str) -> None:
    data = {"q": "Waar is de lift?", "body": "", "space": forum.circle.pk, "language": "nl"}
    client_of(forum, name).post("/nl/vraag-stellen/", data)
    assert Question.objects.filter(space=forum.circle).exists() == (name == "owner")


def test_a_visitor_signs_in_first_and_keeps_the_text(forum: Forum) -> None:
    answer = Client().post("/nl/vraag-stellen/", {"q": "Waar is de lift?"})
    assert answer.status_code == 302
    assert "lift" in answer["Location"]
    assert "/account/login/" in answer["Location"]


def test_the_words_go_along_to_a_chat(forum: Forum) -> None:
    answer = client_of(forum, "owner").post(
        "/nl/vraag-stellen/", {"q": "Waar is de lift?", "body": "Stuk.", "chat": "1"}
    )
    assert answer.status_code == 302
    assert "lift" in answer["Location"]


def test_what_is_wrong_is_said_and_nothing_is_lost(forum: Forum) -> None:
    page = client_of(forum, "owner").post("/nl/vraag-stellen/", {"q": "Waar is de lift?", "body": "x" * 20_001})
    html = page.content.decode()
    assert 'value="Waar is de lift?"' in html
    assert "vb-errors" in html
    assert not Question.objects.filter(title="Waar is de lift?").exists()


def test_a_question_has_words(forum: Forum) -> None:
    data = {"q": "?????????", "space": forum.employees.pk, "language": "nl"}
    answer = client_of(forum, "owner").post("/nl/vraag-stellen/", data)
    assert answer.status_code == 422
    assert "Zet je vraag in woorden." in answer.text
    assert not Question.objects.filter(title="?????????").exists()


def test_asking_too_much_waits(forum: Forum, settings: object) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "ask": (1, 3600), "answer": (1, 3600)}
    client = client_of(forum, "owner")
    data = {"q": "Waar is de lift?", "body": "Bewaar mij", "space": forum.employees.pk, "language": "nl"}
    assert client.post("/nl/vraag-stellen/", data).status_code == 302
    refused = client.post("/nl/vraag-stellen/", data)
    assert refused.status_code == 429
    assert "Bewaar mij" in refused.content.decode()
    answering = f"/nl/q/{forum.question.pk}/answer/"
    assert client.post(answering, {"body": "Een"}).status_code == 302
    assert client.post(answering, {"body": "Twee"}).status_code == 429


@pytest.fixture
def post(forum: Forum) -> Callable[..., int]:
    """POST to a named page as somebody, and return the status."""

    def send(name: str, page: str, pk: int, **data: str) -> int:
        with override("nl"):
            address = reverse(f"community:{page}", args=[pk])
        return client_of(forum, name).post(address, data).status_code

    return send


@pytest.mark.parametrize("name", EVERYBODY)
def test_acts_by_plain_form(forum: Forum, post: Callable[..., int], name: str) -> None:
    question, answer = forum.question.pk, forum.answer.pk
    away = 302 if name == "anonymous" else 404

    def expected(allowed: set[str]) -> int:
        return 302 if name in allowed else 403 if name in EMPLOYED else away

    assert post(name, "answer", question, body="Boven.") == expected(EMPLOYED)
    assert post(name, "vote_answer", answer) == expected(EMPLOYED - {"agent"})
    assert post(name, "vote_question", question) == expected(EMPLOYED - {"owner"})
    assert post(name, "accept", answer) == expected({"owner", "agent", "ict_agent", "curator"})
    assert post(name, "edit_question", question, title="Thee?", body="") == expected({"owner", "curator"})
    assert post(name, "edit_answer", answer, body="Anders.") == expected({"agent", "curator"})
    assert post(name, "move", question, space=str(forum.public.pk)) == expected({"curator"})
    assert post(name, "follow_space", forum.employees.pk) == expected(EMPLOYED)
    assert post(name, "hide_answer", answer) == expected({"agent", "curator"})
    forum.question.refresh_from_db()
    assert (forum.question.space == forum.public) == (name == "curator")
    assert forum.question.title == ("Thee?" if name in {"owner", "curator"} else "Waar staat de koffie?")


def test_a_vote_by_htmx_answers_with_the_button(forum: Forum) -> None:
    client = client_of(forum, "owner")
    address = f"/nl/q/answer/{forum.answer.pk}/vote/"
    pressed = client.post(address, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in pressed
    assert Vote.objects.filter(answer=forum.answer, user=forum.people.owner).count() == 1
    client.post(address, {}, headers={"HX-Request": "true"})
    released = client.post(address, {"undo": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in released
    assert not Vote.objects.filter(answer=forum.answer).exists()


def test_hiding_can_be_undone_from_the_page(forum: Forum, post: Callable[..., int]) -> None:
    assert post("curator", "hide_question", forum.question.pk) == 302
    forum.question.refresh_from_db()
    assert forum.question.hidden
    assert post("owner", "hide_question", forum.question.pk, undo="1") == 403
    assert post("curator", "hide_question", forum.question.pk, undo="1") == 302
    assert post("owner", "hide_question", forum.question.pk) == 302
    assert post("owner", "hide_question", forum.question.pk, undo="1") == 302
    forum.question.refresh_from_db()
    assert not forum.question.hidden


def test_preview(forum: Forum) -> None:
    client = client_of(forum, "owner")
    page = client.post("/nl/q/preview/", {"body": "**vet** <script>alert(1)</script>"})
    assert "<strong>vet</strong>" in page.content.decode()
    assert "<script>" not in page.content.decode()
    assert client.post("/nl/q/preview/", {"body": "x" * 20_001}).status_code == 422
    assert Client().post("/nl/q/preview/", {"body": "x"}).status_code == 403


def test_structured_data_only_for_public_questions(forum: Forum) -> None:
    public = forum.ask(forum.public, 'Is </script><b>"dit" veilig?')
    shown = actions.answer(by=Person(forum.people.agent), question=public, body="Ja, zeker.")
    gone = actions.answer(by=Person(forum.people.agent), question=public, body="Weg ermee.")
    moderation.hide(by=forum.people.viewer("curator"), key=gone.key)
    actions.accept(by=Person(forum.people.owner), answer=shown)
    page = client_of(forum, "curator").get(url(public)).content.decode()
    block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert '"acceptedAnswer": {"@type": "Answer", "text": "Ja, zeker."' in block
    assert "Weg ermee" not in block
    assert "<b>" not in block
    assert "ld+json" not in client_of(forum, "owner").get(url(forum.question)).content.decode()


def test_sitemap(forum: Forum) -> None:
    public, hidden = forum.ask(forum.public, "Openbaar"), forum.ask(forum.public, "Verborgen")
    moderation.hide(by=forum.people.viewer("curator"), key=hidden.key)
    sitemap = Client().get("/sitemap.xml").content.decode()
    assert url(public) in sitemap
    assert forum.public.url in sitemap
    for absent in (url(hidden), url(forum.question), forum.employees.url):
        assert absent not in sitemap


def test_fragments(forum: Forum) -> None:
    mine, latest = "/nl/q/mine/", "/nl/q/latest/"
    assert forum.question.title in client_of(forum, "owner").get(mine).content.decode()
    assert forum.question.title not in client_of(forum, "colleague").get(mine).content.decode()
    assert forum.question.title in client_of(forum, "colleague").get(latest).content.decode()
    assert forum.question.title not in client_of(forum, "outsider").get(latest).content.decode()
    assert "no-store" in Client().get(latest)["Cache-Control"]
    for bad in ("999999", "x", "١", "1" * 30):
        assert client_of(forum, "owner").get(latest, {"topic": bad}).status_code == 200


@pytest.mark.parametrize("name", EVERYBODY)
def test_lists_in_the_cms(forum: Forum, name: str) -> None:
    hidden = forum.ask(forum.circle, "Onder ons")
    answer = client_of(forum, name).get("/cms/questions/")
    assert (answer.status_code == 200) == (name == "curator")
    if name == "curator":
        assert forum.question.title in answer.content.decode()
        assert hidden.title not in answer.content.decode()
    spaces = client_of(forum, name).get(f"/cms/pages/{forum.employees.pk}/edit/")
    assert (spaces.status_code == 200) == (name == "administrator"), "spaces are for who manages spaces"


def test_a_space_with_questions_is_not_deleted(forum: Forum) -> None:
    client = client_of(forum, "administrator")
    client.post(f"/cms/pages/{forum.employees.pk}/delete/")
    forum.employees.refresh_from_db()
    assert forum.employees.live


def test_a_long_search_goes_along_whole(client: Client, forum: Forum) -> None:
    client.force_login(forum.people.owner)
    long = "hoe regel ik de lift in gebouw zuid " * 10
    page = client.get("/nl/vraag-stellen/", {"q": long})
    form = page.context["form"]
    assert len(form["q"].value()) <= 200 and long.startswith(form["q"].value())
    assert form["body"].value() == long.strip()
    assert client.get("/nl/vraag-stellen/", {"q": "de lift"}).context["form"]["body"].value() is None


def test_a_text_that_shows_nothing_is_no_title_and_no_answer(forum: Forum) -> None:
    client = client_of(forum, "owner")
    for nothing in ("\u200b" * 9, "\ufeff \u3164", "?!"):
        edit = QuestionForm({"title": nothing, "body": ""}, instance=forum.question)
        assert list(edit.errors) == ["title"], repr(nothing)
    answer = client.post(reverse("community:answer", args=[forum.question.pk]), {"body": "\u200b"})
    assert answer.status_code == 422 and forum.question.answers.count() == 1
