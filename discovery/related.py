"""Find related documents by title, tags and topic; rather none than bad ones."""

import hashlib
from typing import Any

from django.core.cache import cache

from discovery.suggestions import ask, load_titles
from search import query, retrieval, similarity, sources, vocabulary
from search.engines import Hit
from search.language.analysis import Analysis
from search.results import load_results
from search.sources import Document, Source, Title
from web import params
from web.http import Viewer

MOST = 5
CANDIDATES = 12
CACHE_SECONDS = 600  # for keys; titles are read each time
NAMED, ANYWHERE = 0.15, 0.6  # what two documents have in common at least (search.similarity.Kinship)
NAMED_IN_TOPIC, ANYWHERE_IN_TOPIC = 0.05, 0.25  # enough within one topic


def related(key: str, *, viewer: Viewer, language: str) -> list[tuple[Any, Title]] | None:
    """Return kind labels and titles, the most similar first; None when the viewer may not see the document itself."""
    kind, pk = sources.split_key(key)
    source = sources.get(kind)
    number = params.number(pk)
    if source is None or source.on_request_only or number is None:
        return None
    row = source.queryset().filter(pk__in=source.visible_to(viewer).filter(pk=number).order_by().values("pk")).first()
    if row is None:
        return None
    return load_titles([Hit(found, 0.0) for found in _keys(source, row, viewer, language)], viewer)[:MOST]


def _keys(source: Source, row: Any, viewer: Viewer, language: str) -> list[str]:
    """Return keys from the cache, under the document's content and the viewer's audience keys."""
    document = source.to_document(row)
    who = hashlib.sha256(" ".join(sorted(viewer.keys)).encode()).hexdigest()[:32]
    name = f"search:related:{document.key}:{document.fingerprint()}:{language}:{who}"
    keys: list[str] | None = cache.get(name)
    if keys is None:
        keys = _find(document, viewer, language, exclude=(document.key, *source.translations(row)))
        cache.set(name, keys, CACHE_SECONDS)
    return keys


def _find(document: Document, viewer: Viewer, language: str, exclude: tuple[str, ...]) -> list[str]:
    wanted = retrieval.build_request(
        " ".join([document.title, *document.tags]),
        audience=viewer.keys,
        language=language,
        filters=query.default_filters(),
        exclude=exclude,
        size=CANDIDATES,
        count=False,
    )
    results = load_results(ask(wanted), viewer, "")
    analysis = vocabulary.current()
    return [result.key for result in results if is_related(document, result.document, analysis)][:MOST]


def is_related(one: Document, other: Document, analysis: Analysis) -> bool:
    """Return True if a reader of one is likely to want the other."""
    kin = similarity.relatedness(one, other, analysis)
    if one.topic and one.topic == other.topic:
        return kin.in_title >= NAMED_IN_TOPIC and kin.anywhere >= ANYWHERE_IN_TOPIC
    return kin.in_title >= NAMED and kin.anywhere >= ANYWHERE
