"""The vocabulary of an index: learnt from its documents when it is built, stored beside it, used for its queries.

Queries are cut as the documents were: by the vocabulary of the live index. An index without a stored vocabulary is
read by the dictionaries alone.
"""

import json
import time
import zlib
from collections.abc import Iterable
from functools import lru_cache

from django.db import transaction

from search.language.analysis import BY_DICTIONARY, Analysis
from search.language.compounds import Vocabulary
from search.models import IndexVocabulary
from search.sources import Document

LEARN_FROM = 20_000  # documents: more teach hardly anything new
GROWN, MANY = 2, 100  # times the documents that were learnt from, and documents, before it pays to learn again
LOOK = 2.0  # seconds between looks for another live vocabulary
_looked: tuple[float, int] | None = None  # when, and the key of what was found


def learn(documents: Iterable[Document], protected: frozenset[str] = frozenset()) -> Analysis:
    """The analysis that documents teach."""
    texts = ((" \n ".join([d.title, *d.tags, d.topic_title, d.service, d.body]), d.spoken()) for d in documents)
    return Analysis.learn(texts, protected)


def current() -> Analysis:
    """The analysis of the live index of this site. Looks into the database at most once in `LOOK` seconds."""
    global _looked
    if _looked is None or time.monotonic() - _looked[0] >= LOOK:
        pk = IndexVocabulary.objects.filter(live=True).values_list("pk", flat=True).last() or 0
        _looked = time.monotonic(), pk
    return _load(_looked[1]) if _looked[1] else BY_DICTIONARY


@lru_cache(maxsize=8)
def of(index: str) -> Analysis:
    """The analysis that an index is written with: the same from its first document to its last."""
    pk = IndexVocabulary.objects.filter(index=index).values_list("pk", flat=True).last()
    return _load(pk) if pk else BY_DICTIONARY


@lru_cache(maxsize=3)
def _load(pk: int) -> Analysis:
    stored = IndexVocabulary.objects.filter(pk=pk).first()
    return Analysis(Vocabulary.from_json(json.loads(zlib.decompress(stored.data)))) if stored else BY_DICTIONARY


def store(index: str, analysis: Analysis, documents: int) -> None:
    """Keep what an index that is being built, of so many documents, is written with."""
    data = zlib.compress(json.dumps(analysis.vocabulary.as_json()).encode(), 3)
    IndexVocabulary.objects.create(index=index, data=data, documents=documents)


def outgrown(documents: int) -> bool:
    """Whether the live index has so many more documents than its vocabulary was learnt from that a rebuild pays."""
    learnt = IndexVocabulary.objects.filter(live=True).values_list("documents", flat=True).last() or 0
    return documents >= MANY and documents > GROWN * learnt


def switch(index: str) -> None:
    """An index became the live one: so does its vocabulary, and the others are forgotten."""
    forget()
    with transaction.atomic():
        IndexVocabulary.objects.exclude(index=index).delete()
        IndexVocabulary.objects.filter(index=index).update(live=True)


def drop(index: str) -> None:
    """Forget the vocabulary of an index that was never finished."""
    IndexVocabulary.objects.filter(index=index).delete()


def forget() -> None:
    """Look again at the next query (after a switch; in tests)."""
    global _looked
    _looked = None
    of.cache_clear()
    _load.cache_clear()
