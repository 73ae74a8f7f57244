"""What else is about the same as a page: found by its title, tags and topic; none rather than bad ones."""

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
KEPT = 600  # seconds that keys are kept; titles are read each time
NAMED, ANYWHERE = 0.15, 0.6  # what two pages have in common at least (likeness.Kinship)
NAMED_IN_TOPIC, ANYWHERE_IN_TOPIC = 0.05, 0.25  # enough within one topic


def related(key: str, *, viewer: Viewer, language: str) -> list[tuple[Any, Title]] | None:
    """Labels of kinds and titles, the most alike first; None when the viewer may not see the document itself."""
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
    """Keys kept under the document as it is and what the viewer may see: other readers never share them."""
    document = source.to_document(row)
    who = hashlib.sha256(" ".join(sorted(viewer.keys)).encode()).hexdigest()[:32]
    name = f"search:related:{document.key}:{document.fingerprint()}:{language}:{who}"
    kept: list[str] | None = cache.get(name)
    if kept is None:
        kept = _found(document, viewer, language, exclude=(document.key, *source.translations(row)))
        cache.set(name, kept, KEPT)
    return kept


def _found(document: Document, viewer: Viewer, language: str, exclude: tuple[str, ...]) -> list[str]:
    wanted = retrieval.build_request(
        " ".join([document.title, *document.tags]),
        audience=viewer.keys,
        language=language,
        kinds=query.default_kinds(),
        exclude=exclude,
        size=CANDIDATES,
        count=False,
    )
    results = load_results(ask(wanted), viewer, "")
    analysis = vocabulary.current()
    return [result.key for result in results if near(document, result.document, analysis)][:MOST]


def near(one: Document, other: Document, analysis: Analysis) -> bool:
    """Whether a reader of one is likely to want the other."""
    kin = similarity.relatedness(one, other, analysis)
    if one.topic and one.topic == other.topic:
        return kin.in_title >= NAMED_IN_TOPIC and kin.anywhere >= ANYWHERE_IN_TOPIC
    return kin.in_title >= NAMED and kin.anywhere >= ANYWHERE
