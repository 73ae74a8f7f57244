"""Synonyms and recommended pages on every engine. Each engine's test class inherits this beside the contract."""

from datetime import date
from typing import Any

import pytest

from search import ranking, retrieval
from search.curation.best_bets import NO_PLACEMENT, BestBetRule, BestBets, Placement
from search.curation.synonyms import SynonymRule, Synonyms
from search.engines import Engine, SearchResponse
from search.language.analysis import BY_DICTIONARY
from tests.contract.engine_contract import BIKE, CAR, DOCUMENTS, PAY, PUBLIC, SECRET, SLIP, document

CAO = document(41, "Waar staat de collectieve arbeidsovereenkomst?", "Op de site van de bond.")
WORK = document(42, "Mijn arbeidsovereenkomst loopt af", "Je hoort het een maand ervoor.")
RULES = Synonyms(
    [
        SynonymRule("nl", ("cao", "collectieve arbeidsovereenkomst")),
        SynonymRule("nl", ("loonbrief", "salarisspecificatie")),
        SynonymRule("", ("wagen",), ("parkeerplaats",)),
    ]
)


class CurationContract:
    """Inherit beside EngineContract."""

    def found(
        self, engine: Engine, text: str, synonyms: Synonyms = RULES, placement: Placement = NO_PLACEMENT, **rest: Any
    ) -> SearchResponse:
        values = {"audience": PUBLIC, "language": "nl", "synonyms": synonyms} | rest
        return retrieval.retrieve(
            text, retrieval.build_request(text, **values), language="nl", engine=engine, placement=placement
        )

    def named(self, engine: Engine, text: str, synonyms: Synonyms = RULES) -> list[str]:
        return [hit.key for hit in self.found(engine, text, synonyms).hits]

    def test_another_name_is_found_both_ways(self, engine: Engine) -> None:
        assert engine.write([CAO, WORK], []) == {}
        engine.commit()
        assert self.named(engine, "cao", Synonyms()) == []
        assert self.named(engine, "cao") == [CAO.key]
        assert self.named(engine, "loonbrief")[:1] == [PAY.key]
        assert self.named(engine, "wagen") == [CAR.key]
        assert BIKE.key not in self.named(engine, "parkeerplaats aanvragen wagen")[:1]

    def test_a_name_counts_in_place_of_the_words(self, engine: Engine) -> None:
        both = document(43, "Loonbrief of salarisspecificatie", "Uitleg.")
        assert engine.write([both], []) == {}
        engine.commit()

        def score(text: str, synonyms: Synonyms) -> float:
            request = retrieval.build_request(text, audience=PUBLIC, language="nl", synonyms=synonyms)
            return next(hit.score for hit in engine.search(request).hits if hit.key == both.key)

        # The better match of word and synonym, not their sum.
        own, other = score("loonbrief", Synonyms()), score("salarisspecificatie", Synonyms())
        assert score("loonbrief", RULES) == pytest.approx(max(own, ranking.SYNONYM * other), rel=0.001)

    def test_a_recommended_page_stands_on_top_once(self, engine: Engine) -> None:
        pinned = Placement((SLIP.key, BIKE.key))
        found = self.found(engine, "salarisspecificatie", placement=pinned, facets=True)
        keys = [hit.key for hit in found.hits]
        assert keys == [SLIP.key, BIKE.key, PAY.key]
        assert [hit.placement for hit in found.hits] == ["top", "top", ""]
        assert found.total == 3 == sum(found.facets["kind"].values())
        pages = [
            hit.key
            for offset in range(0, 4)
            for hit in self.found(engine, "salarisspecificatie", placement=pinned, offset=offset, size=1).hits
        ]
        assert pages == keys

    def test_a_recommended_page_and_its_translations_are_one_result(self, engine: Engine) -> None:
        nl, en = (document(50, "Loonstrook", language="nl", translation_key="p"),
                  document(51, "Loonstrook", language="en", translation_key="p"))  # fmt: skip
        engine.write([nl, en], [])
        engine.commit()
        for placement, first in ((Placement((en.key,)), en.key), (Placement((en.key, nl.key)), nl.key)):
            found = self.found(engine, "loonstrook", placement=placement, facets=True)
            assert [hit.key for hit in found.hits] == [first]
            assert found.total == 1 == found.facets["kind"]["faq"]

    def test_nobody_gets_a_recommended_page_that_is_not_theirs(self, engine: Engine) -> None:
        gone = "faq:999"
        found = self.found(engine, "salarisspecificatie", placement=Placement((SECRET.key, gone)))
        assert [hit.key for hit in found.hits] == [PAY.key]
        assert found.total == 1
        theirs = self.found(
            engine, "salarisspecificatie", placement=Placement((SECRET.key,)), audience=PUBLIC | {"team:1"}
        )
        assert theirs.hits[0].key == SECRET.key
        narrowed = self.found(
            engine, "salarisspecificatie", placement=Placement((SLIP.key,)), filters={"language": ("nl",)}
        )
        assert [hit.key for hit in narrowed.hits] == [PAY.key]

    def test_a_demoted_page_goes_to_the_bottom(self, engine: Engine) -> None:
        before = [hit.key for hit in self.found(engine, "mijn parkeren garage salarisspecificatie").hits]
        assert len(before) > 1
        after = self.found(
            engine, "mijn parkeren garage salarisspecificatie", placement=Placement((), frozenset({before[0]}))
        )
        assert [hit.key for hit in after.hits] == [*before[1:], before[0]]
        assert after.total == len(before)

    def test_bets_are_read_as_queries_are(self, engine: Engine) -> None:
        bets = BestBets([BestBetRule(SLIP.key, ("salarisspecificatie bekijken",))])
        for text in ("Salarisspecificaties bekeken", "mijn salarisspecificatie te bekijken"):
            assert bets.placement(text, BY_DICTIONARY, date(2026, 11, 22)).pinned == (SLIP.key,)

    def test_any_synonyms_are_harmless(self, engine: Engine) -> None:
        many = Synonyms([SynonymRule("", tuple(f"woord{i} met {j}" for j in range(20))) for i in range(20)])
        text = " ".join(f"woord{i} met 1" for i in range(20))
        assert self.named(engine, text, many) == []
        assert ranking.query_tree(text, "nl", analysis=BY_DICTIONARY, synonyms=many)
        assert len(DOCUMENTS) > 5
