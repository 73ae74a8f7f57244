"""The curators' pages: who may open them, and what they do."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import audiences
from accounts.audiences import Person
from accounts.models import AuditEvent
from discovery.models import DailyQueryFigures
from kb.models import Faq
from search import sources
from search.models import BestBet, ProtectedWord, Rebuild, Synonym
from tests.community.conftest import make_space
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db
LISTS = ["search_synonyms", "search_best_bets", "search_protected_words"]


@pytest.fixture
def curator(client: Client, people: People) -> Client:
    client.force_login(people.curator)
    return client


@pytest.fixture
def faqs(people: People) -> dict[str, Faq]:
    """Create a public FAQ and one for the ICT team."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    return {
        "public": make_faq("Hoe vraag ik verlof aan?", {audiences.PUBLIC}, topic),
        "ict": make_faq("Waar staat het verlofrooster van ICT?", {audiences.team(people.ict.pk)}, topic),
    }


@pytest.mark.parametrize("name", [*LISTS])
@pytest.mark.parametrize("who", ["curator", "administrator", "agent", "outsider", "anonymous"])
def test_only_curators_get_them(client: Client, people: People, name: str, who: str) -> None:
    if who != "anonymous":
        client.force_login(getattr(people, who))
    allowed = who in ("curator", "administrator")
    for address in (reverse(f"{name}:index"), reverse(f"{name}:add"), reverse("search_pick") + "?q=verlof"):
        assert (client.get(address).status_code == 200) == allowed
    menu = client.get(reverse("wagtailadmin_home"))
    assert (reverse("search_synonyms:index") in menu.text) == allowed


def test_lists_say_yes_and_no(curator: Client, faqs: dict[str, Faq]) -> None:
    Synonym.objects.create(terms="cao\nloonafspraken")
    Synonym.objects.create(terms="pas\nbadge", active=False)
    for value, word in (("true", "Ja"), ("false", "Nee")):
        for address in (reverse("search_synonyms:index") + f"?active={value}", f"/cms/snippets/kb/faq/?live={value}"):
            text = curator.get(address).text
            assert re.findall(r'<b class="w-ml-1">(.*?)</b>', text) == [word]
    text = curator.get(reverse("search_synonyms:index")).text
    assert re.findall(r'<span class="w-sr-only">\s*(Ja|Nee|True|False)\s*</span>', text) == ["Ja", "Nee"]


def test_a_synonym_is_made_changed_and_removed(curator: Client, people: People) -> None:
    add = reverse("search_synonyms:add")
    wrong = curator.post(add, {"terms": "cao", "to": "", "language": "", "active": "on"})
    assert "minstens twee woorden" in wrong.text
    curator.post(add, {"terms": "cao = collectieve arbeidsovereenkomst", "to": "", "language": "nl", "active": "on"})
    row = Synonym.objects.get()
    assert (row.term_list, row.changed_by) == (["cao", "collectieve arbeidsovereenkomst"], people.curator)
    assert "cao = collectieve arbeidsovereenkomst" in curator.get(reverse("search_synonyms:index")).text
    curator.post(reverse("search_synonyms:edit", args=[row.pk]), {"terms": "cao\nloonafspraken", "language": "nl"})
    row.refresh_from_db()
    assert (row.terms, row.active) == ("cao\nloonafspraken", False)
    curator.post(reverse("search_synonyms:delete", args=[row.pk]))
    assert not Synonym.objects.exists()
    events = AuditEvent.objects.filter(event__startswith="search.synonym").order_by("pk")
    assert [event.event.rpartition("_")[2] for event in events] == ["created", "changed", "deleted"]


def test_an_address_fills_in_the_words(curator: Client) -> None:
    assert ">\ncao &lt;b&gt;</textarea>" in curator.get(reverse("search_synonyms:add"), {"terms": "cao <b>"}).text
    assert ">\nverlof</textarea>" in curator.get(reverse("search_best_bets:add"), {"queries": "verlof"}).text


def test_a_protected_word_says_when_it_works(curator: Client) -> None:
    response = curator.post(reverse("search_protected_words:add"), {"word": "BrugVPN"}, follow=True)
    assert "“brugvpn” is beschermd zodra de index opnieuw is opgebouwd" in response.text
    assert ProtectedWord.objects.get().word == "brugvpn"
    assert Rebuild.objects.count() == 1


def bet(document: str, **values: str) -> dict[str, str]:
    """Return what the form sends."""
    return {
        "kind": "best", "queries": "verlof", "document": document, "language": "", "order": "1", "active": "on",
    } | values  # fmt: skip


@pytest.mark.parametrize(
    ("page", "values", "wrong", "right"),
    [
        (
            "search_synonyms",
            {"terms": "de\nhet"},
            "dus zou het hier niets doen: “de”, “het”.",
            {"terms": "fiets\nrijwiel"},
        ),
        ("search_synonyms", {"terms": "fiets\nvan de"}, "niets doen: “van de”.", {"terms": "fiets\nIT"}),
        ("search_synonyms", {"terms": "outlook", "to": "it", "language": "en"}, "niets doen: “it”.", {"to": "IT"}),
        ("search_protected_words", {"word": "De"}, "“De” is een klein woord", {"word": "Denia"}),
    ],
)
def test_words_that_search_leaves_out_are_refused_beside_the_field(
    curator: Client, page: str, values: dict[str, str], wrong: str, right: dict[str, str]
) -> None:
    filled = {"terms": "", "to": "", "language": "", "active": "on", "note": "", "word": ""} | values
    response = curator.post(reverse(f"{page}:add"), filled)
    assert response.status_code in (200, 422)
    assert wrong in response.text
    assert not Synonym.objects.exists() and not ProtectedWord.objects.exists()
    assert curator.post(reverse(f"{page}:add"), filled | right).status_code == 302


def test_pages_are_chosen_by_address(curator: Client, faqs: dict[str, Faq]) -> None:
    add = reverse("search_best_bets:add")
    for wrong in ("/nl/faq/999999-x/", "https://example.com/nl/", "bla", f"faq:{faqs['ict'].pk}", "faq:x", "note:1"):
        assert "geen pagina die je kunt zien" in curator.post(add, bet(wrong)).text
    url = sources.get("faq").to_document(Faq.objects.get(pk=faqs["public"].pk)).url
    assert curator.post(add, bet(f"http://127.0.0.1{url}?x=1")).status_code == 302
    row = BestBet.objects.get()
    assert row.document == f"faq:{faqs['public'].pk}"
    page = curator.get(reverse("search_best_bets:edit", args=[row.pk])).text
    assert f'value="{url}"' in page
    assert "Hoe vraag ik verlof aan?" in page


def test_every_kind_of_page_has_an_address(people: People, faqs: dict[str, Faq], indexed: Callable[[], int]) -> None:
    from community import actions

    article = make_article("Verlof van A tot Z", {audiences.PUBLIC}, faqs["public"].topic)
    space = make_space("t-open", audiences.PUBLIC)
    question = actions.ask(by=Person(people.owner), space=space, title="Waar?", body="", language="nl")
    for kind, pk in (("faq", faqs["public"].pk), ("article", article.pk), ("question", question.pk)):
        source = sources.get(kind)
        document = source.to_document(source.queryset().get(pk=pk))
        assert sources.key_at(document.url) == f"{kind}:{pk}"
        assert sources.key_at(f"https://elsewhere.example{document.url}") == ""
    for nothing in ("", "/", "/nl/", "/nl/faq/", "/nl/zoeken/", "//", "http://[", "/nl/faq/x/"):
        assert sources.key_at(nothing) == ""


def test_pages_that_are_gone_are_flagged(curator: Client, faqs: dict[str, Faq]) -> None:
    for document in (f"faq:{faqs['public'].pk}", f"faq:{faqs['ict'].pk}", "faq:999999"):
        BestBet.objects.create(document=document, queries="verlof")
    page = curator.get(reverse("search_best_bets:index")).text
    assert "Hoe vraag ik verlof aan?" in page
    assert "verlofrooster" not in page
    assert "Een pagina die niet voor jou is" in page
    assert "Deze pagina is weg" in page
    gone = BestBet.objects.get(document="faq:999999")
    edit = reverse("search_best_bets:edit", args=[gone.pk])
    assert curator.post(edit, bet("faq:999999", queries="verlof\nvrij")).status_code == 302
    gone.refresh_from_db()
    assert gone.query_list == ["verlof", "vrij"]


def test_lists_take_as_many_queries_for_many_rows_as_for_few(
    curator: Client, people: People, faqs: dict[str, Faq], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        BestBet.objects.create(
            document=f"faq:{faqs['public'].pk}", queries=f"verlof {number}", changed_by=people.curator
        )
        Synonym.objects.create(terms=f"a{number}\nb{number}", changed_by=people.curator)
    for name in LISTS:
        curator.get(reverse(f"{name}:index"))
        with django_assert_max_num_queries(26):  # three of them ask for whom /cms/ is read
            curator.get(reverse(f"{name}:index"))


def test_pages_are_found_while_typing(curator: Client, faqs: dict[str, Faq], indexed: Callable[[], int]) -> None:
    indexed()
    pages = curator.get(reverse("search_pick"), {"q": "verlof"}).json()["pages"]
    assert [page["title"] for page in pages] == ["Hoe vraag ik verlof aan?"]
    assert sources.key_at(pages[0]["url"]) == f"faq:{faqs['public'].pk}"


def test_a_preview_says_what_is_wrong_and_writes_nothing(
    curator: Client, faqs: dict[str, Faq], indexed: Callable[[], int]
) -> None:
    page = curator.post("/cms/search/synonyms/preview/", {"terms": "cao", "to": "", "language": ""})
    assert "minstens twee woorden" in page.text
    page = curator.post("/cms/search/synonyms/preview/", {"terms": "cao\nverlof", "to": "", "language": "nl"})
    assert ">\ncao\nverlof</textarea>" in page.text
    assert '<input type="hidden" name="terms" value="cao\nverlof">' in page.text
    assert not Synonym.objects.exists()
    assert not AuditEvent.objects.filter(event__startswith="search.").exists()
    row = Synonym.objects.create(terms="cao\nverlof")
    assert "zonder en met" in curator.get(f"/cms/search/synonyms/{row.pk}/preview/").text
    assert curator.get("/cms/search/bla/preview/", follow=True).status_code == 404


def test_a_preview_is_for_curators(client: Client, people: People) -> None:
    client.force_login(people.agent)
    assert client.post("/cms/search/synonyms/preview/", {"terms": "a\nb"}).status_code in (302, 403)


def test_a_preview_tries_what_several_people_searched_for(
    curator: Client, faqs: dict[str, Faq], indexed: Callable[[], int]
) -> None:
    for text, people in (("verlof kopen", 3), ("verlof van jan", 1), ("salaris", 9), ("verlof", 9)):
        DailyQueryFigures.objects.create(day="2026-11-20", language="nl", text=text, people=people)
    page = curator.post("/cms/search/synonyms/preview/", {"terms": "verlof\nvrije dagen", "to": "", "language": ""})
    assert ">\nverlof\nvrije dagen\nverlof kopen</textarea>" in page.text


def test_a_preview_is_as_the_public_finds_it(
    client: Client, people: People, faqs: dict[str, Faq], indexed: Callable[[], int]
) -> None:
    indexed()
    client.force_login(people.administrator)
    team = make_faq("Vrije dagen van HR", {audiences.team(people.hr.pk)}, faqs["public"].topic)
    indexed()
    sent = {"terms": "verlof\nvrije dagen", "to": "", "language": "", "active": "on", "samples": "verlof\nvrije dagen"}
    client.force_login(people.curator)
    assert team.question in client.post("/cms/search/synonyms/preview/", sent).text
    page = client.post("/cms/search/synonyms/preview/", sent | {"public": "public"}).text
    assert team.question not in page
    assert "verlof aan?" in page
    assert "nieuw" in page


def test_the_other_pages_of_a_row(curator: Client, people: People) -> None:
    row = Synonym.objects.create(terms="a\nb", changed_by=people.curator)
    for name in ("edit", "delete", "history", "usage"):
        assert curator.get(reverse(f"search_synonyms:{name}", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("kind", ["synonyms", "recommended"])
def test_the_editors_preview_is_of_its_own_kind(curator: Client, faqs: dict[str, Faq], kind: str) -> None:
    name = {"synonyms": "search_synonyms", "recommended": "search_best_bets"}[kind]
    synonym = Synonym.objects.create(terms="cao\nloonafspraken")
    bet = BestBet.objects.create(document=f"faq:{faqs['public'].pk}", queries="cao")
    row = synonym if kind == "synonyms" else bet
    for address, action in ((reverse(f"{name}:add"), ""), (reverse(f"{name}:edit", args=[row.pk]), f"{row.pk}/")):
        assert f'formaction="/cms/search/{kind}/{action}preview/"' in curator.get(address).text


def test_an_error_is_said_once(curator: Client) -> None:
    for word, said in (("", "verplicht veld"), ("x" * 300, "niet meer dan 60")):
        page = curator.post(reverse("search_protected_words:add"), {"word": word}).text
        assert said in page
        assert "geen letter of cijfer" not in page
    page = curator.post(reverse("search_synonyms:add"), {"terms": "", "to": "", "language": ""}).text
    assert "verplicht veld" in page
    assert "minstens" not in page


def test_the_last_day_is_chosen_in_the_readers_own_notation(curator: Client, faqs: dict[str, Faq]) -> None:
    bet = BestBet.objects.create(document=f"faq:{faqs['public'].pk}", queries="cao", until="2030-12-31")
    field = re.search(
        r'<input[^>]*name="until"[^>]*>', curator.get(reverse("search_best_bets:edit", args=[bet.pk])).text
    )
    assert field
    assert 'type="date"' in field[0]
    assert 'value="2030-12-31"' in field[0]
