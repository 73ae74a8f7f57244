"""The vocabulary of an index: learnt from its documents when it is built, stored beside it, used for its queries.

So queries are analysed as the documents were. An index without a stored vocabulary is read by the dictionaries alone.
"""

import json
import math
import zlib
from collections.abc import Iterable

from django.db import transaction

from search.language.analysis import BY_DICTIONARY, Analysis
from search.language.compounds import Vocabulary
from search.models import IndexVocabulary
from search.sources import Document
from web.ttl_cache import TTLCache

LEARN_FROM = 20_000  # documents: more teach hardly anything new
GROWTH, LEAST = 2, 100  # a rebuild pays with so many times the documents learnt from, and with so many documents
REFRESH = 2.0  # seconds between looks for another live vocabulary


def learn(documents: Iterable[Document], protected: frozenset[str] = frozenset()) -> Analysis:
    """Return an analysis with the vocabulary of these documents."""
    texts = ((" \n ".join([d.title, *d.tags, d.topic_title, d.service, d.body]), d.text_language()) for d in documents)
    return Analysis.learn(texts, protected)


def current() -> Analysis:
    """Return the analysis of the live index of this site. One query in `REFRESH` seconds at most."""
    return _load(_live_key())


def of_index(index: str) -> Analysis:
    """Return the analysis that an index is written with: the same from its first document to its last."""
    return _load(_key_of(index))


def _read_live_key() -> int:
    return IndexVocabulary.objects.filter(live=True).values_list("pk", flat=True).last() or 0


def _read_key(index: str) -> int:
    return IndexVocabulary.objects.filter(index=index).values_list("pk", flat=True).last() or 0


def _read(pk: int) -> Analysis:
    stored = IndexVocabulary.objects.filter(pk=pk).first() if pk else None
    return Analysis(Vocabulary.from_json(json.loads(zlib.decompress(stored.data)))) if stored else BY_DICTIONARY


_live_key = TTLCache(_read_live_key, REFRESH)
_key_of = TTLCache(_read_key, math.inf, size=8)
_load = TTLCache(_read, math.inf, size=3)  # a stored vocabulary never changes


def save(index: str, analysis: Analysis, documents: int) -> None:
    """Store what an index that is being built is written with, learnt from so many documents."""
    data = zlib.compress(json.dumps(analysis.vocabulary.as_json()).encode(), 3)
    IndexVocabulary.objects.create(index=index, data=data, documents=documents)


def outgrown(documents: int) -> bool:
    """True if the live index has so many more documents than its vocabulary was learnt from that a rebuild pays."""
    learnt = IndexVocabulary.objects.filter(live=True).values_list("documents", flat=True).last() or 0
    return documents >= LEAST and documents > GROWTH * learnt


def make_live(index: str) -> None:
    """Make the vocabulary of an index that was switched to the live one, and delete all others."""
    clear()
    with transaction.atomic():
        IndexVocabulary.objects.exclude(index=index).delete()
        IndexVocabulary.objects.filter(index=index).update(live=True)


def delete(index: str) -> None:
    """Delete the vocabulary of an index that was never finished."""
    IndexVocabulary.objects.filter(index=index).delete()


def clear() -> None:
    """Read the database again with the next query."""
    for cache in (_live_key, _key_of, _load):
        cache.clear()
