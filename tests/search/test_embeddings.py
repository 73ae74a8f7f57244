"""Semantic search: providers, stored and missing vectors, and hits by meaning on both engines."""

import json
import random
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from search import embeddings, engines, query
from search.embeddings import vectors
from search.embeddings.providers import PIECE, Endpoint, SentenceEncoder, Vectors, unit
from search.embeddings.stored_table import StoredVectorTable
from search.embeddings.table import VectorTable
from search.engines import Engine
from search.indexing import indexer
from search.models import Embedding, OutboxEntry
from tests.people import People
from tests.search import shelf

CONCEPTS = ["fiets bakfiets bike cycle", "parkeren park stallen leave", "salaris loon pay salary", "geheim secret"]


class StandIn:
    """A model of four concepts, in Dutch and in English."""

    name = "stand-in"
    dimensions = len(CONCEPTS)
    down = False

    def ready(self) -> bool:
        return True

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.down:
            raise OSError("down")
        rows = [[sum(text.casefold().count(word) for word in c.split()) for c in CONCEPTS] for text in texts]
        return unit(np.array(rows, dtype=np.float32) + 1e-6)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Use the stand-in as the site's provider."""
    made = StandIn()
    monkeypatch.setattr(embeddings, "provider", lambda: made)
    monkeypatch.setattr(StoredVectorTable, "REFRESH", 0)
    embeddings.stored_table.cache_clear()
    vectors._query.cache_clear()
    yield made
    embeddings.stored_table.cache_clear()
    vectors._query.cache_clear()


@pytest.fixture(
    params=[
        "embedded",
        pytest.param(
            "elastic",
            marks=[
                pytest.mark.services,
                pytest.mark.skipif(not settings.ELASTICSEARCH_URL, reason="ELASTICSEARCH_URL is not set"),
            ],
        ),
    ]
)
def engine(
    request: pytest.FixtureRequest, model: StandIn, a_shelf: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """Use each engine in turn as the site's engine."""
    monkeypatch.setattr(settings, "SEARCH_INDEX_PREFIX", f"meaning-{random.getrandbits(40):x}")
    monkeypatch.setattr(settings, "SEARCH_DIR", settings.SEARCH_DIR.with_name(settings.SEARCH_INDEX_PREFIX))
    made = engines.make(request.param)
    made.prepare()
    monkeypatch.setattr(engines, "get", lambda: made)
    yield made
    made.drop()
    made.close()


def index(engine: Engine) -> None:
    """Do the leader's work until nothing is left."""
    indexer.drain(engine)
    while indexer.make_pending_vectors(engine):
        indexer.drain(engine)


def test_a_question_finds_the_page_in_the_other_language(engine: Engine, people: People, client: Client) -> None:
    page = shelf.note("Where can I leave my cargo bike?", "In the garage.", language="en")
    shelf.note("Salary dates", "On the 24th.", language="en")
    index(engine)
    found = query.search("bakfiets parkeren", viewer=people.viewer("anonymous"), language="nl")
    assert [hit.row for hit in found.hits] == [page]
    assert found.other_language and not found.missing_words and found.total == 1
    assert "Er is nog geen antwoord in het Nederlands" in client.get("/nl/zoeken/", {"q": "bakfiets stallen"}).text
    assert "no answer in English" not in client.get("/en/search/", {"q": "cargo bike"}).text


def test_short_queries_stand_by_their_words_in_the_readers_language(engine: Engine, people: People) -> None:
    shelf.note("Mijn fiets stallen", "In de kelder.")
    index(engine)
    assert query.search("cycle", viewer=people.viewer("anonymous"), language="nl").total == 0
    long = "ik wil graag weten waar ik mijn cycle of bike kan laten"
    assert query.search(long, viewer=people.viewer("anonymous"), language="nl").total == 1


def test_a_word_that_is_new_since_the_index_was_built_is_found_before_its_vector_is_made(
    engine: Engine, people: People
) -> None:
    """Even among many documents of that meaning. The word is in the index but not in the vocabulary."""
    shelf.note("Salaris", "Op de 24e.")
    index(engine)
    indexer.rebuild(engine)
    for number in range(12):
        shelf.note(f"Fiets {number}", "Bakfiets stallen.")
    index(engine)
    page = shelf.note("Fiets van Zorbla")
    indexer.drain(engine)
    assert Embedding.objects.filter(vector=None).count() == 1
    found = query.search("zorbla fiets", viewer=people.viewer("anonymous"), language="nl")
    assert found.hits[0].row == page and not found.missing_words


def test_nobody_finds_by_meaning_what_is_not_theirs(engine: Engine, people: People) -> None:
    page = shelf.note("Secret salary", "secret", language="en", audience=f"team:{people.hr.pk}")
    index(engine)
    for name in ("anonymous", "owner", "colleague", "outsider"):
        assert query.search("geheim loon", viewer=people.viewer(name), language="nl").hits == [], name
    assert [hit.row for hit in query.search("geheim loon", viewer=people.viewer("agent"), language="nl").hits] == [page]
    assert (
        query.search("geheim loon", viewer=people.viewer("agent"), language="nl", filters={"language": ("nl",)}).hits
        == []
    )


def test_vectors_are_kept_reused_and_made_again_when_the_text_changes(engine: Engine, people: People) -> None:
    page = shelf.note("Leave your bike", "Here.", language="en")
    index(engine)
    first = Embedding.objects.get(key=f"note:{page.pk}")
    assert first.vector is not None
    indexer.rebuild(engine)
    assert Embedding.objects.get(key=f"note:{page.pk}").changed == first.changed
    assert query.search("fiets", viewer=people.viewer("anonymous"), language="nl").total == 1
    page.title, page.body = "Salary", "Pay day."
    page.save()
    index(engine)
    assert query.search("fiets", viewer=people.viewer("anonymous"), language="nl").total == 0
    assert query.search("loon", viewer=people.viewer("anonymous"), language="nl").total == 1
    page.delete()
    index(engine)
    assert not Embedding.objects.exists()
    assert query.search("loon", viewer=people.viewer("anonymous"), language="nl").total == 0


def test_a_provider_that_is_down_costs_only_its_layer(engine: Engine, people: People, model: StandIn) -> None:
    shelf.note("Fiets stallen", "Hier.")
    model.down = True
    indexer.drain(engine)
    assert not indexer.make_pending_vectors(engine)
    found = query.search("fiets stallen", viewer=people.viewer("anonymous"), language="nl")
    assert found.total == 1 and not found.degraded
    model.down = False
    embeddings.breaker._open_until = None
    assert indexer.make_pending_vectors(engine)
    assert Embedding.objects.filter(vector__isnull=False).count() == 1


def test_pages_of_words_and_meaning_neither_repeat_nor_skip(engine: Engine, people: People) -> None:
    for number in range(15):
        shelf.note(f"Bike {number}", "Leave it here.", language="en")
        shelf.note(f"Fiets {number}", "Zet hem hier.")
    index(engine)
    viewer = people.viewer("anonymous")
    pages = [query.search("fiets", viewer=viewer, language="nl", page=page) for page in (1, 2, 3)]
    assert {page.total for page in pages} == {30}
    assert [hit.document.language for hit in pages[0].hits] == ["nl"] * 10
    assert len({hit.key for page in pages for hit in page.hits}) == 30
    assert pages[0].facets["language"] == {"nl": 15, "en": 15}


def test_a_document_without_vector_stops_no_other(
    engine: Engine, model: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.note("poisonous salary")
    for title in ("Bike", "Salary"):
        shelf.note(title)
    encode = model.encode

    def refusing(texts: Sequence[str]) -> Vectors:
        if any("poisonous" in text for text in texts):
            raise ValueError("nobody can read this")
        return encode(texts)

    monkeypatch.setattr(model, "encode", refusing)
    index(engine)
    assert Embedding.objects.filter(vector=None).count() == 0
    assert Embedding.objects.count() == 2


def test_a_provider_reads_no_more_characters_than_a_text_may_have_also_once_they_are_folded(model: StandIn) -> None:
    """NFKC may make eighteen characters of one, and a model would need 4 seconds for such a query."""
    longest = 0

    class Measured(StandIn):
        def encode(self, texts: Sequence[str]) -> Vectors:
            nonlocal longest
            longest = max([longest, *(len(unicodedata.normalize("NFKC", text)) for text in texts)])
            return super().encode(texts)

    grows = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    measured = Measured()
    for text in (grows * 6_000, (grows * 50 + " ") * 120, "a" * 50_000, "\u3316 " * 900, "bike " * 9_000):
        vectors.query(measured, text)
        vectors.documents(measured, [(text, text), ("Bike", text)])
    assert 0 < longest <= vectors.LONGEST
    ordinary = "Waar kan ik mijn ﬁets (½ uur) stallen?"
    assert vectors.bounded(ordinary) == ordinary


def test_the_model_is_not_held_over_long_texts() -> None:
    held: list[int] = []

    class Model:
        def encode(self, texts: list[str]) -> Vectors:
            held.append(sum(map(len, texts)))
            return np.array([[len(text)] * 512 for text in texts], dtype=np.float32)

    encoder = SentenceEncoder()
    encoder._model = Model()
    sizes = [10, 1_900, 200, 2_000, 5, 5]
    assert encoder.encode(["x" * size for size in sizes])[:, 0].tolist() == sizes
    assert max(held) <= PIECE and len(held) < len(sizes)
    assert encoder.encode([]).shape == (0, 512)


def test_meaning_switched_off_leaves_no_trace(db: None, a_shelf: None, indexed: Callable[[], int]) -> None:
    shelf.note("Fiets stallen")
    indexed()
    assert not Embedding.objects.exists() and not OutboxEntry.objects.exists()
    assert embeddings.query_vector("fiets") is None
    assert not indexer.make_pending_vectors(engines.get())


def test_a_table_gives_the_nearest_first_and_replaces() -> None:
    table = VectorTable()
    table.put([(f"faq:{n}", np.array([1, n / 1000], dtype=np.float32)) for n in range(2000)])
    table.put([("faq:7", np.array([5, 0], dtype=np.float32))])
    assert len(table) == 2000
    assert next(table.nearest(np.array([1, 0], dtype=np.float32), 0))[0] == "faq:7"
    assert list(VectorTable().nearest(np.array([1, 0], dtype=np.float32), 0)) == []


def test_the_package_brings_languages_together() -> None:
    encoder = SentenceEncoder()
    assert not encoder.ready()
    rows = vectors.documents(
        encoder, [("How do I report sick?", "Call your manager."), ("Parking", "Where to park your car.")]
    )
    assert encoder.ready()
    assert rows.shape == (2, 512)
    cosines = rows @ vectors.query(encoder, "hoe meld ik mij ziek")
    assert cosines[0] > cosines[1] + 0.2
    assert np.allclose(vectors.unpack(vectors.pack(rows[0])), rows[0], atol=1e-3)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A stand-in for an OpenAI-compatible service."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = asked["input"]
            assert asked["model"] == "stand-in" and self.headers["Authorization"] == "Bearer key"
            data = [{"index": i, "embedding": [3.0 * len(text), 0.0]} for i, text in enumerate(texts)]
            body = json.dumps({"data": data[::-1]} if "bad" not in texts else {"error": "no"}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "stand-in", 2, "key")
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_gives_vectors_or_says_that_it_does_not(endpoint: Endpoint) -> None:
    assert endpoint.ready()
    assert endpoint.encode(["a", "bb"]).tolist() == [[1, 0], [1, 0]]
    with pytest.raises(OSError, match="no embeddings"):
        endpoint.encode(["bad"])
    with pytest.raises(OSError, match="refused"):
        Endpoint("http://127.0.0.1:9", "x", 2).encode(["a"])
    with pytest.raises(ValueError, match="http"):
        Endpoint("file:///etc/passwd", "x", 2)
