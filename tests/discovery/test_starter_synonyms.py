"""The starter list: its files, and what adding and removing it does."""

from collections import Counter, defaultdict
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent
from discovery.curation import actions, starter_synonyms
from discovery.curation.forms import left_out
from discovery.curation.starter_synonyms import ListedSynonym
from search.curation import snapshot
from search.curation.synonyms import read_term
from search.language import LANGUAGES
from search.language.analysis import BY_DICTIONARY
from search.models import StarterRow, Synonym
from search.models.curation import MOST_ROWS, folded
from tests.people import People


def stems(term: str, language: str) -> tuple[str, ...]:
    """Return a term as search reads it."""
    return tuple(word.stem for word in read_term(term, language, BY_DICTIONARY))


@pytest.mark.parametrize("language", LANGUAGES)
class TestFiles:
    """The rules in README.md beside the lists."""

    def test_every_row_is_one_that_a_curator_could_make(self, language: str) -> None:
        for row in starter_synonyms.rows(language):
            synonym = row.synonym()
            synonym.clean_fields()
            synonym.pk = 1  # or it would be counted
            with patch.object(Synonym, "objects") as others:
                others.filter.return_value.exclude.return_value = []
                synonym.clean()

    def test_no_term_is_one_that_search_leaves_out(self, language: str) -> None:
        terms = {term for row in starter_synonyms.rows(language) for term in row.terms + row.to}
        assert sorted(term for term in terms if left_out(term, language)) == []

    def test_a_row_is_known_by_its_first_term(self, language: str) -> None:
        keys = Counter(row.key for row in starter_synonyms.rows(language))
        assert [key for key, count in keys.items() if count > 1] == []

    def test_sets_do_not_touch(self, language: str) -> None:
        sets: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        left: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for row in starter_synonyms.rows(language):
            for term in row.terms:
                (left if row.to else sets)[stems(term, language)].add(row.key)
        assert {term: keys for term, keys in sets.items() if len(keys) > 1} == {}
        assert {term: keys for term, keys in left.items() if len(keys) > 1} == {}

    def test_ambiguous_words_find_and_are_not_found(self, language: str) -> None:
        ambiguous = {stems(word, language) for word in starter_synonyms.ambiguous(language)}
        for row in starter_synonyms.rows(language):
            for term in row.to or row.terms:
                assert stems(term, language) not in ambiguous, row

    def test_no_term_loses_its_sense_with_its_stop_words(self, language: str) -> None:
        for row in starter_synonyms.rows(language):
            for term in row.terms + row.to:
                several = len(folded(term).split()) > 1
                assert len(stems(term, language)) > several, f"{term} is {stems(term, language)}"

    def test_no_two_terms_of_a_row_are_the_same_to_search(self, language: str) -> None:
        for row in starter_synonyms.rows(language):
            read = Counter(stems(term, language) for term in row.terms + row.to)
            assert [term for term, count in read.items() if count > 1] == [], row


def test_how_a_row_is_read() -> None:
    both_ways = ListedSynonym("nl", ("laptop", "notebook"), (), "IT")
    assert starter_synonyms._row("nl", "IT", "laptop = notebook") == both_ways
    one_way = starter_synonyms._row("nl", "IT", {"row": "macbook, mac -> laptop", "note": "Want dat is er een."})
    assert one_way == ListedSynonym("nl", ("macbook", "mac"), ("laptop",), "IT. Want dat is er een.")
    assert one_way.key == "nl>macbook"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the lists: three rows in Dutch and one in English."""
    lists = {
        "nl": (
            ListedSynonym("nl", ("loonstrook", "salarisstrook"), (), "Salaris"),
            ListedSynonym("nl", ("macbook",), ("laptop",), "IT"),
            ListedSynonym("nl", ("wc", "toilet"), (), "Gebouw"),
        ),
        "en": (ListedSynonym("en", ("payslip", "salary slip"), (), "Pay"),),
    }
    monkeypatch.setattr(starter_synonyms, "rows", lists.__getitem__)


def counts(plan: starter_synonyms.Plan) -> tuple[int, int, int, int]:
    return len(plan.new), len(plan.there), len(plan.removed), len(plan.covered)


@pytest.mark.django_db
@pytest.mark.usefixtures("short")
class TestAdding:
    """Adding and removing by the actions behind the page and the command."""

    def test_everything_is_added_once(self, people: People) -> None:
        done = actions.add_starter(by=people.viewer("curator"))
        assert counts(done) == (4, 0, 0, 0)
        row = Synonym.objects.get(terms="macbook")
        assert (row.to, row.language, row.note, row.origin, row.changed_by) == (
            "laptop", "nl", "IT", "starter", people.curator,
        )  # fmt: skip
        assert counts(actions.add_starter(by=people.viewer("curator"))) == (0, 4, 0, 0)
        assert Synonym.objects.count() == 4
        event = AuditEvent.objects.get(event="search.starter_added")
        assert (event.by, event.details) == (people.curator, {"rows": 4, "languages": ["en", "nl"]})

    def test_one_language_alone(self) -> None:
        assert counts(actions.add_starter(by=None, languages=["en"])) == (1, 0, 0, 0)
        assert Synonym.objects.get().language == "en"

    def test_what_curators_have_is_left_out(self) -> None:
        Synonym.objects.create(terms="Salarisstrook\nloonbriefje\nLoonstrook", language="")
        Synonym.objects.create(terms="laptop", to="macbook", language="nl", active=False)
        Synonym.objects.create(terms="wc\ntoilet", language="en")
        Synonym.objects.create(terms="payslip\nslip", language="en")
        assert counts(actions.add_starter(by=None)) == (2, 0, 0, 2)

    def test_what_was_removed_stays_away_until_asked_for(self, people: People) -> None:
        actions.add_starter(by=people.viewer("curator"))
        actions.delete(by=people.viewer("curator"), row=Synonym.objects.get(terms="macbook"))
        assert counts(actions.add_starter(by=people.viewer("curator"))) == (0, 3, 1, 0)
        assert counts(actions.add_starter(by=people.viewer("curator"), again=True)) == (1, 3, 0, 0)
        assert counts(starter_synonyms.plan()) == (0, 4, 0, 0)

    def test_what_was_changed_is_kept(self, people: People) -> None:
        actions.add_starter(by=people.viewer("curator"))
        for terms, change in (("wc\ntoilet", "wc\ntoilet\nplee"), ("macbook", "macbook")):
            row = Synonym.objects.get(terms=terms)
            row.terms = change
            actions.save(by=people.viewer("administrator"), row=row)
        assert actions.remove_starter(by=people.viewer("curator")) == 3
        row = Synonym.objects.get()
        assert (row.term_list, row.origin) == (["wc", "toilet", "plee"], "changed")
        assert counts(actions.add_starter(by=people.viewer("curator"))) == (3, 1, 0, 0)

    def test_one_language_is_removed(self, people: People) -> None:
        actions.add_starter(by=people.viewer("curator"))
        assert actions.remove_starter(by=people.viewer("curator"), languages=["nl"]) == 3
        assert Synonym.objects.get().language == "en"
        assert StarterRow.objects.count() == 1
        event = AuditEvent.objects.get(event="search.starter_removed")
        assert event.details == {"rows": 3, "languages": ["nl"]}
        assert actions.remove_starter(by=people.viewer("curator"), languages=["nl"]) == 0

    def test_searches_know_at_once(self) -> None:
        assert snapshot.current().synonyms.rules == ()
        actions.add_starter(by=None)
        assert len(snapshot.current().synonyms.rules) == 4
        actions.remove_starter(by=None)
        assert snapshot.current().synonyms.rules == ()

    def test_there_has_to_be_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(starter_synonyms, "MOST_ROWS", 3)
        with pytest.raises(starter_synonyms.NoRoom):
            actions.add_starter(by=None)
        assert not Synonym.objects.exists()
        assert not starter_synonyms.plan().fits
        with pytest.raises(CommandError):
            call_command("load_synonyms")

    @pytest.mark.parametrize("who", ["owner", "agent", "provider", "outsider", "anonymous"])
    def test_others_may_not(self, people: People, who: str) -> None:
        for act in (actions.add_starter, actions.remove_starter):
            with pytest.raises(PermissionDenied):
                act(by=people.viewer(who))
        assert not Synonym.objects.exists()

    def test_by_command(self) -> None:
        def said(*options: str) -> str:
            out = StringIO()
            call_command("load_synonyms", *options, stdout=out)
            return out.getvalue().strip()

        assert said("--language", "nl").startswith("3 added, 0 added before")
        assert said().startswith("1 added, 3 added before")
        Synonym.objects.get(terms="macbook").delete()
        assert "1 removed here before" in said()
        assert said("--again").startswith("1 added")
        assert said("--remove") == "4 removed"

    def test_it_takes_as_many_queries_for_one_row_as_for_four(
        self, people: People, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for languages in (["en"], LANGUAGES):
            with django_assert_max_num_queries(26):
                actions.add_starter(by=people.viewer("curator"), languages=languages)
            with django_assert_max_num_queries(26):
                actions.remove_starter(by=people.viewer("curator"))


@pytest.mark.django_db
@pytest.mark.usefixtures("short")
class TestPage:
    """The page under /cms/."""

    @pytest.mark.parametrize("who", ["curator", "administrator", "agent", "provider", "outsider", "owner", "anonymous"])
    def test_only_curators_get_it(self, client: Client, people: People, who: str) -> None:
        if who != "anonymous":
            client.force_login(getattr(people, who))
        allowed = who in ("curator", "administrator")
        assert (client.get(reverse("search_starter")).status_code == 200) == allowed
        client.post(reverse("search_starter"), {"languages": ["nl", "en"]})
        assert Synonym.objects.count() == (4 if allowed else 0)
        actions.add_starter(by=None)
        client.post(reverse("search_starter_remove"))
        assert Synonym.objects.count() == (0 if allowed else 4)

    def test_adding_and_removing(self, client: Client, people: People) -> None:
        client.force_login(people.curator)
        index, page = reverse("search_synonyms:index"), reverse("search_starter")
        assert "Beginlijst toevoegen" in client.get(index).text
        assert client.get(page).context["plans"][0][1].new
        assert "minstens één lijst" in client.post(page, {}).text
        added = client.post(page, {"languages": ["nl"]}, follow=True)
        assert "3 rijen zijn toegevoegd" in added.text
        assert "Beginlijst toevoegen" not in added.text
        assert "?origin=starter" in added.redirect_chain[0][0]
        assert "?remove=1" in client.get(page).text
        assert "Verwijder de 3 rijen" in client.get(page, {"remove": "1"}).text
        assert "3 rijen zijn verwijderd" in client.post(reverse("search_starter_remove"), follow=True).text
        assert client.get(reverse("search_starter_remove")).status_code == 405

    def test_the_list_can_be_narrowed_to_it(self, client: Client, people: People) -> None:
        client.force_login(people.curator)
        actions.add_starter(by=people.viewer("curator"))
        Synonym.objects.create(terms="lift\nelevator", language="nl")
        index = reverse("search_synonyms:index")
        assert "lift = elevator" not in client.get(index, {"origin": "starter"}).text
        own = client.get(index, {"origin": "own"}).text
        assert "lift = elevator" in own
        assert "macbook" not in own

    def test_a_row_is_changed_as_any_other(self, client: Client, people: People) -> None:
        client.force_login(people.curator)
        actions.add_starter(by=people.viewer("administrator"))
        row = Synonym.objects.get(terms="wc\ntoilet")
        edit = reverse("search_synonyms:edit", args=[row.pk])
        given = {"terms": "wc\ntoilet", "to": "", "language": "nl", "active": "on", "note": "Gebouw"}
        assert client.post(edit, given).status_code == 302
        row.refresh_from_db()
        assert row.origin == "starter"
        client.post(edit, given | {"active": ""})
        row.refresh_from_db()
        assert row.origin == "changed"

    def test_no_room_is_said(self, client: Client, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        client.force_login(people.curator)
        monkeypatch.setattr(starter_synonyms, "MOST_ROWS", 3)
        assert "geen plaats" in client.post(reverse("search_starter"), {"languages": ["nl", "en"]}).text
        assert not Synonym.objects.exists()


@pytest.mark.django_db
def test_the_real_list_leaves_room_for_curators(people: People) -> None:
    done = actions.add_starter(by=people.viewer("curator"))
    assert not done.covered
    assert len(done.new) <= MOST_ROWS / 2
    assert Synonym.objects.count() == len(done.new) == sum(len(starter_synonyms.rows(each)) for each in LANGUAGES)
    rules = snapshot.current().synonyms
    words = [word for _, word in BY_DICTIONARY.words("Waar vind ik mijn loonstrook?", "nl") if not word.stop]
    assert "salarisstrook" in {found.text for found in rules.expand(words, "nl", BY_DICTIONARY)}
