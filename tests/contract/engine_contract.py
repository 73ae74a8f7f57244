"""The contract of engines. Each engine's test class inherits all of it."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discovery import suggestions
from search import engines, fusion, ranking, retrieval, vocabulary
from search.engines import Engine, SearchRequest
from search.filters import NO_FILTERS, Filters
from search.language.analysis import BY_DICTIONARY
from search.query_tree import MatchAll, Phrase, Term
from search.reading import clauses
from search.reading.query_parser import fixed_values, parse
from search.sources import Document
from tests.questions import questions

THEN = datetime(2026, 1, 1, tzinfo=UTC)
SIGNS = "ab *?\"()[]{}:^~\\/+-!&|<>=.,'’\n\0éß"
PUBLIC = frozenset({"public"})


def document(pk: int, title: str, body: str = "", language: str = "nl", **values: Any) -> Document:
    """Return a small public document."""
    values = {"kind": "faq", "audience": PUBLIC, "created": THEN, "updated": THEN, "url": "/"} | values
    return Document(key=f"{values['kind']}:{pk}", title=title, body=body, language=language, **values)


BIKE = document(1, "Kan ik mijn bakfiets parkeren in de garage?", "Ja, op de begane grond, naast de ingang.")
CAR = document(2, "Hoe vraag ik een parkeerplaats aan?", "Met het formulier van Facilitair.", topic="t-fac")
PAY = document(3, "Waar vind ik mijn salarisspecificatie?", "In Mijn HR staan je specificaties.", topic="t-hr")
SLIP = document(4, "Where do I find my payslips?", "They are in Mijn HR.", "en", topic="t-hr")
SECRET = document(5, "Salarisschalen directie", "Alleen HR leest dit.", audience=frozenset({"team:1"}))
ERROR = document(6, "Foutmelding ORA-00942 in Finbrug", "Neem contact op.", kind="article")
WHO = document(7, "Wie ben ik?", "Over deze site.", language="")
DOCUMENTS = [BIKE, CAR, PAY, SLIP, SECRET, ERROR, WHO]


FULL = bool(os.environ.get("FULL"))  # more random inputs
QUESTIONS = int(os.environ.get("QUESTIONS") or (500 if FULL else 100))


def ask(engine: Engine, text: str, *, facets: bool = True) -> None:
    """Send an engine the requests of the results page and of *did you mean*."""
    clean = text.encode("utf-8", "ignore").decode()[: ranking.MAX_QUERY_LENGTH]
    asked = parse(clean, lambda each, name: ("t-hr",) if each.field == "topic" else fixed_values(each, name))
    wanted = retrieval.build_request(
        asked.words,
        audience=PUBLIC,
        language="nl",
        filters=asked.filters,
        must=clauses.required(asked),
        must_not=clauses.excluded(asked, BY_DICTIONARY),
        facets=facets,
        typing=len(text) % 2 == 0,
    )
    retrieval.retrieve(asked.words, wanted, language="nl", engine=engine)


class EngineContract:
    """Inherit and set `engine_name`."""

    engine_name: str

    @pytest.fixture(autouse=True)
    def _no_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Analyse queries by the dictionaries alone, as scratch indexes are."""
        monkeypatch.setattr(vocabulary, "current", lambda: BY_DICTIONARY)

    @pytest.fixture(scope="class")
    @classmethod
    def shared(cls) -> Iterator[Engine]:
        """Return one engine for the class."""
        engine = engines.make(cls.engine_name, scratch=f"contract-{random.getrandbits(40):x}")
        yield engine
        engine.drop()
        engine.close()

    @pytest.fixture
    def engine(self, shared: Engine) -> Engine:
        """Return the engine with DOCUMENTS in its index."""
        shared.drop()
        shared.close()
        shared.prepare()
        assert shared.write(DOCUMENTS, []) == {}
        shared.commit()
        return shared

    def keys(self, engine: Engine, text: str, language: str = "nl", **rest: Any) -> list[str]:
        request = retrieval.build_request(text, **{"audience": PUBLIC, "language": language} | rest)
        return [hit.key for hit in retrieval.retrieve(text, request, language=language, engine=engine).hits]

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("parkeerplaats bakfietsen garage", "faq:1"),
            ("garages, bakfietsen", "faq:1"),
            ("BAKFIETS geparkeerd", "faq:1"),
            ("parkeerplaatsen aanvragen", "faq:2"),
            ("salarisspecificaties", "faq:3"),
            ("finding a payslip", "faq:4"),
            ("ora-00942", "article:6"),
            ("wie ben ik", "faq:7"),
        ],
    )
    def test_other_words_order_and_inflections(self, engine: Engine, text: str, first: str) -> None:
        assert self.keys(engine, text)[:1] == [first]

    def test_a_long_question_finds_what_shares_some_of_its_words(self, engine: Engine) -> None:
        text = "Hallo, ik kom morgen met de fiets van mijn vrouw, een bakfiets eigenlijk, en vroeg me af of dat kan"
        assert self.keys(engine, text)[0] == "faq:1"

    def test_nobody_finds_what_is_not_theirs(self, engine: Engine) -> None:
        assert "faq:5" not in self.keys(engine, "salarisschalen directie")
        assert self.keys(engine, "salarisschalen directie", audience=frozenset({"team:1", "public"}))[0] == "faq:5"
        assert self.keys(engine, "salarisschalen", audience=frozenset()) == []

    def test_counts_and_totals_keep_to_the_audience(self, engine: Engine) -> None:
        found = engine.search(SearchRequest(tree=MatchAll(), audience=PUBLIC, facets=True, size=0))
        assert found.total == 6
        assert found.hits == []
        assert (
            found.facets.items()
            >= {
                "kind": {"faq": 5, "article": 1},
                "topic": {"t-hr": 2, "t-fac": 1},
                "language": {"nl": 5, "en": 1},
            }.items()
        )

    def test_a_facet_counts_without_its_own_filter(self, engine: Engine) -> None:
        request = SearchRequest(
            tree=MatchAll(), audience=PUBLIC, filters={"kind": ("faq",), "language": ("nl",)}, facets=True
        )
        found = engine.search(request)
        assert {hit.key for hit in found.hits} == {"faq:1", "faq:2", "faq:3", "faq:7"}
        assert found.total == 4
        assert found.facets["kind"] == {"faq": 4, "article": 1}
        assert found.facets["language"] == {"nl": 4, "en": 1}
        assert found.facets["topic"] == {"t-hr": 1, "t-fac": 1}

    def test_counts_beside_filters_count_a_document_and_its_translations_once(self, engine: Engine) -> None:
        pairs = [("faq", "t-hr"), ("faq", "t-fac"), ("article", "t-hr")]
        for number, (kind, topic) in enumerate(pairs):
            for language, pk in (("nl", 70), ("en", 80)):
                values: Any = {"kind": kind, "topic": topic, "translation_key": f"pair-{number}"}
                engine.write([document(pk + number, "Lamp", language=language, **values)], [])
        engine.write([document(90, "Lamp", kind="question", topic="t-hr", language="en")], [])
        engine.write([document(91, "Lamp", translation_key="pair-0", audience=frozenset({"team:1"}))], [])
        engine.commit()

        def lamps(filters: Filters = NO_FILTERS) -> engines.SearchResponse:
            wanted = retrieval.build_request("lamp", audience=PUBLIC, language="nl", facets=True, filters=filters)
            return retrieval.retrieve("lamp", wanted, language="nl", engine=engine)

        found = lamps()
        assert found.total == len(found.hits) == 4
        assert found.facets["kind"] == {"faq": 2, "article": 1, "question": 1}
        assert found.facets["topic"] == {"t-hr": 3, "t-fac": 1}
        assert found.facets["language"] == {"nl": 3, "en": 4}  # as with that filter
        for facet, counts in found.facets.items():
            for value, count in counts.items():
                narrowed = lamps({facet: (value,)})
                assert narrowed.total == len(narrowed.hits) == count
                assert narrowed.facets[facet] == found.facets[facet]  # each facet without its own filter

    def test_pages_far_behind_have_one_translation_of_each(self, engine: Engine) -> None:
        count = fusion.DEPTH + 30
        twins = [(number, language) for number in range(count) for language in ("nl", "en")]
        engine.write(
            [
                document(5000 + number + 1000 * (language == "en"), "Stoel", "", language, translation_key=f"s{number}")
                for number, language in twins
            ],
            [],
        )
        engine.commit()
        pages = [self.keys(engine, "stoel", offset=at, size=10, facets=True) for at in range(0, count, 10)]
        assert [len(page) for page in pages] == [10] * (count // 10)
        shown = [key for page in pages for key in page]
        assert len({int(key.removeprefix("faq:")) % 1000 for key in shown}) == count

    def test_excluded_keys_are_left_out(self, engine: Engine) -> None:
        assert "faq:1" not in self.keys(engine, "bakfiets parkeren", exclude=("faq:1",))

    def test_the_readers_language_comes_first_and_the_other_still_comes(self, engine: Engine) -> None:
        twins = [document(21, "Password", "Password reset"), document(22, "Password", "Password reset", "en")]
        others = [document(60 + n, f"Thing {n}", "Some other words", "en") for n in range(4)]
        engine.write([*twins, *others], [])
        engine.commit()
        assert self.keys(engine, "password", "nl")[:2] == ["faq:21", "faq:22"]
        assert self.keys(engine, "password", "en")[:2] == ["faq:22", "faq:21"]

    def test_merits_decide_between_equals(self, engine: Engine) -> None:
        body = "Zo stel je de printer in."
        better = document(32, "Printer instellen", body, solved=True, verified=True, helpful=9)
        engine.write([document(31, "Printer instellen", body), better], [])
        engine.commit()
        assert self.keys(engine, "printer instellen")[:2] == ["faq:32", "faq:31"]

    def test_a_hit_says_what_ranks_it(self, engine: Engine) -> None:
        better = document(32, "Printer instellen", "Zo doe je dat.", language="", solved=True, helpful=9)
        engine.write([better], [])
        engine.commit()
        (hit,) = engine.search(retrieval.build_request("instellen", audience=PUBLIC, language="nl")).hits
        assert (hit.key, hit.language, hit.updated) == ("faq:32", "nl", THEN.timestamp())
        assert hit.merit == pytest.approx(ranking.merit(better), abs=0.001)

    def test_documents_named_beside_the_words_match_at_the_end(self, engine: Engine) -> None:
        request = retrieval.build_request(
            "bakfiets", audience=PUBLIC, language="nl", include=("faq:4", "faq:5", "faq:1")
        )
        found = engine.search(request)
        assert [hit.key for hit in found.hits] == ["faq:1", "faq:4"]
        assert found.total == 2
        assert found.hits[0].score > 0 == found.hits[1].score

    def test_a_half_typed_word_finds_titles(self, engine: Engine) -> None:
        assert self.keys(engine, "salarisspec", typing=True) == ["faq:3"]
        assert self.keys(engine, "salarisspec") == []

    @pytest.mark.parametrize(
        ("typed", "first"),
        [
            ("salarisspec", "faq:3"),
            ("Waar vind ik mijn sal", "faq:3"),
            ("bakfiets ga", "faq:1"),
            ("bakfietsen pa", "faq:1"),
            ("parkeerplaats aan", "faq:2"),
            ("ora-009", "article:6"),
            ("where do i find pay", "faq:4"),
        ],
    )
    def test_what_is_typed_so_far_suggests_titles(self, engine: Engine, typed: str, first: str) -> None:
        assert self.suggested(engine, typed)[:1] == [first]

    def test_suggestions_need_the_words_typed_and_keep_to_the_audience(self, engine: Engine) -> None:
        assert self.suggested(engine, "bakfiets salarissp") == []
        assert "faq:5" not in self.suggested(engine, "salaris")
        assert self.suggested(engine, "salariss", audience=frozenset({"team:1"})) == ["faq:5"]

    def suggested(self, engine: Engine, typed: str, audience: frozenset[str] = PUBLIC) -> list[str]:
        tree = suggestions.title_query(typed, "nl", BY_DICTIONARY)
        assert tree is not None
        return [hit.key for hit in engine.search(SearchRequest(tree=tree, audience=audience, count=False)).hits]

    def test_writing_again_replaces_and_deleting_removes(self, engine: Engine) -> None:
        engine.write([document(1, "Iets heel anders")], ["faq:2", "faq:404"])
        engine.commit()
        assert self.keys(engine, "bakfiets") == []
        assert self.keys(engine, "anders") == ["faq:1"]
        assert "faq:2" not in dict(engine.scan())

    def test_scan_gives_every_key_and_fingerprint(self, engine: Engine) -> None:
        assert dict(engine.scan()) == {d.key: d.fingerprint() for d in DOCUMENTS}
        assert "faq:5" not in dict(engine.scan(PUBLIC))

    def test_a_rebuild_keeps_what_is_written_meanwhile_and_then_switches(self, engine: Engine) -> None:
        building = engine.begin()
        engine.fill(building, [BIKE, CAR])
        new = document(9, "Tijdens de verbouwing")
        engine.write([new], ["faq:2"], building)
        engine.commit(building)
        assert self.keys(engine, "verbouwing") == ["faq:9"]
        assert self.keys(engine, "salarisspecificatie") == ["faq:3"]
        engine.switch(building)
        assert {key for key, _ in engine.scan()} == {"faq:1", "faq:9"}

    def test_what_an_aborted_rebuild_left_is_removed(self, engine: Engine) -> None:
        left = engine.begin()
        engine.fill(left, [BIKE])
        engine.close()
        building = engine.begin()
        assert self.indexes(engine) == 2
        engine.discard(building)
        assert self.indexes(engine) == 1
        assert self.keys(engine, "bakfiets") == ["faq:1"]

    def test_it_says_when_there_is_no_index(self, shared: Engine) -> None:
        shared.drop()
        assert shared.state() == "missing"
        with pytest.raises(engines.EngineError):
            shared.search(SearchRequest(tree=MatchAll(), audience=PUBLIC))
        shared.prepare()
        assert shared.state() == "ready"
        assert shared.search(SearchRequest(tree=MatchAll(), audience=PUBLIC)).total == 0

    def test_stars_and_question_marks_are_plain(self, engine: Engine) -> None:
        # Punctuation ends a word.
        for text in ("bak*", "b?kfiets", "*", "???", 'title:"x" AND (', "+-!{}[]^~\\/", "a OR b", "<script>"):
            plain = text.replace("*", " ").replace("?", " ")
            assert self.keys(engine, text) == self.keys(engine, plain)

    def test_results_end_at_the_maximum(self, engine: Engine) -> None:
        engine.write([document(1000 + n, f"Stoel {n}") for n in range(engines.MAX_RESULTS + 20)], [])
        engine.commit()
        request = retrieval.build_request("stoel", audience=PUBLIC, offset=engines.MAX_RESULTS - 5, size=10)
        found = retrieval.retrieve("stoel", request, language="nl", engine=engine)
        assert len(found.hits) == 5
        assert found.total == engines.MAX_RESULTS + 20
        assert self.keys(engine, "stoel", offset=engines.MAX_RESULTS, size=10) == []

    def test_pages_neither_repeat_nor_skip(self, engine: Engine) -> None:
        count = fusion.DEPTH + 35  # the last page is after the fused hits
        engine.write([document(2000 + n, "Tafel") for n in range(count)], [])
        engine.commit()
        pages = [self.keys(engine, "tafel", offset=at, size=10) for at in range(0, count, 10)]
        assert [len(page) for page in pages] == [10] * 13 + [5]
        assert len({key for page in pages for key in page}) == count

    def test_pages_neither_repeat_nor_skip_when_translations_are_left_out(self, engine: Engine) -> None:
        twins = [document(3000 + n, "Lamp", translation_key=f"same-{n}") for n in range(10)]
        twins += [document(3100 + n, "Lamp", language="en", translation_key=f"same-{n}") for n in range(10)]
        count = fusion.DEPTH + 25
        engine.write([*twins, *(document(3200 + n, "Lamp on the desk", language="en") for n in range(count))], [])
        engine.commit()

        def page(at: int) -> engines.SearchResponse:
            wanted = retrieval.build_request("lamp", audience=PUBLIC, language="nl", offset=at, size=10, facets=True)
            return retrieval.retrieve("lamp", wanted, language="nl", engine=engine)

        pages = [page(at) for at in range(0, count + 10, 10)]
        assert {found.total for found in pages} == {count + 10}
        assert [len(found.hits) for found in pages] == [10] * 13 + [5]
        assert {found.facets["kind"]["faq"] for found in pages} == {count + 10}
        assert len({hit.key for found in pages for hit in found.hits}) == count + 10
        assert {f"faq:{3000 + n}" for n in range(10)} == {hit.key for hit in pages[0].hits}

    def test_what_fills_an_index_is_in_before_anything_newer(self, engine: Engine) -> None:
        building = engine.begin()
        many = [document(4000 + n, "Oud") for n in range(300)]
        refused = engine.fill(building, many) | engine.finish_fill()
        engine.write([document(4299, "Nieuw")], [], building)
        engine.switch(building)
        assert (refused, engine.count()) == ({}, 300)
        assert self.keys(engine, "nieuw") == ["faq:4299"]

    def test_odd_documents_are_taken(self, engine: Engine) -> None:
        odd = [
            document(41, "", ""),
            document(42, "\0\x01\ufffe 𝕳𝖊𝖑𝖑𝖔 ﷽", "x" * 100_000, tags=("", "a b"), language="xx"),
            document(43, "woord " * 20_000, "é" * 5000),
        ]
        assert engine.write(odd, []) == {}
        engine.commit()
        assert {"faq:41", "faq:42", "faq:43"} <= set(dict(engine.scan()))

    @settings(
        max_examples=2000 if FULL else 400,
        deadline=None,
        derandomize=True,
        database=None,
        # Run by several classes, so without an example database.
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(
        text=st.one_of(st.text(max_size=200), st.text(alphabet="ab *?\"()[]{}:^~\\/+-!&|<>=.,'’\n\0éß", max_size=80))
    )
    def test_no_input_is_an_error(self, finish_fill: Engine, text: str) -> None:
        clean = text.encode("utf-8", "ignore").decode()
        finish_fill.search(retrieval.build_request(clean, audience=PUBLIC, language="nl", facets=True, typing=True))

    @pytest.fixture(scope="class")
    @classmethod
    def finish_fill(cls, shared: Engine) -> Engine:
        """Return the same index for all random inputs."""
        shared.drop()
        shared.close()
        shared.prepare()
        shared.write(DOCUMENTS, [])
        shared.commit()
        return shared

    def indexes(self, engine: Engine) -> int:
        """Return the number of indexes, live and half-built."""
        raise NotImplementedError

    def test_a_title_typed_whole_comes_first(self, engine: Engine) -> None:
        signs = [document(100 + i, f'Operator "{sign}"', "De operator operator.") for i, sign in enumerate("+-*/^")]
        engine.write([*signs, document(110, "Operator", "Operator operator operator.")], [])
        engine.commit()
        for row in signs:
            tree = ranking.query_tree(f" {row.title.upper()} ", "nl", analysis=BY_DICTIONARY)
            assert engine.search(SearchRequest(tree=tree, audience=PUBLIC)).hits[0].key == row.key

    def test_random_questions_are_answered(self, finish_fill: Engine) -> None:
        for text in questions(QUESTIONS):
            ask(finish_fill, text)

    def test_a_condition_holds_whatever_the_words_find(self, engine: Engine) -> None:
        exact = Phrase("surface", ("in", "mijn", "hr", "staan"))
        assert self.keys(engine, "parkeren garage", must=(exact,)) == []
        assert self.keys(engine, "specificatie", must=(exact,)) == ["faq:3"]
        over_the_edge = Phrase("surface", ("salarisspecificatie", "in"))
        assert self.keys(engine, "specificatie", must=(over_the_edge,)) == []
        scored = engine.search(retrieval.build_request("specificatie", audience=PUBLIC)).hits[0].score
        filtered = engine.search(retrieval.build_request("specificatie", audience=PUBLIC, must=(exact,))).hits[0].score
        assert filtered == pytest.approx(scored)

    def test_what_is_excluded_is_not_found_nor_counted(self, engine: Engine) -> None:
        request = SearchRequest(
            tree=MatchAll(),
            audience=PUBLIC,
            facets=True,
            must_not=(Term("surface", "hr"), Term("surface", "finbrug")),
        )
        found = engine.search(request)
        assert {hit.key for hit in found.hits} == {"faq:1", "faq:2", "faq:7"}
        assert found.total == 3
        assert found.facets["kind"] == {"faq": 3}

    def test_counting_keeps_to_the_audience(self, engine: Engine) -> None:
        nodes = [Term("surface", "hr"), Term("surface", "salarisschalen"), Phrase("surface", ("mijn", "hr"))]
        assert engine.count_matches(nodes, PUBLIC) == [2, 0, 2]
        assert engine.count_matches(nodes, frozenset({"team:1"})) == [1, 1, 0]
        assert engine.count_matches(nodes, frozenset()) == [0, 0, 0]
        assert engine.count_matches([], PUBLIC) == []
