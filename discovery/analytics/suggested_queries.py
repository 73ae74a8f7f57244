"""Choose the past queries that search suggests to everybody while they type."""

from django.db import transaction
from django.db.models import Max, Sum

from discovery.analytics import query_log
from discovery.models import Click, DailyQueryFigures, SuggestedQuery
from search import coverage, sources, vocabulary
from search.sources import Document
from search.viewers import EVERYBODY

SEVERAL = 5  # different searchers, counted by day
ONE_DAY = 2  # of them on one day, so that nobody can make a suggestion alone by searching day after day
MOST = 2_000


def choose() -> int:
    """Choose the past queries that may be suggested to anybody. Return their number.

    A query qualifies if at least SEVERAL searchers used it, if they opened a document that is public now, and if that
    document has most of its words: a text must not become a suggestion for whatever else it says.
    """
    candidates = (
        DailyQueryFigures.objects.values("language", "text")
        .annotate(all_people=Sum("people"), most=Max("people"), opened=Sum("clicked"))
        .filter(all_people__gte=SEVERAL, most__gte=ONE_DAY, opened__gt=0)
        .order_by("-all_people", "text")[:MOST]
    )
    people_of = {(row["language"], row["text"]): row["all_people"] for row in candidates}
    opened = _opened(set(people_of))
    public = _public({key for keys in opened.values() for key in keys})
    chosen = []
    for (language, text), people in people_of.items():
        documents = [public[key] for key in opened.get((language, text), ()) if key in public]
        if documents and not coverage.missing_words(text, documents, vocabulary.current()):
            chosen.append(SuggestedQuery(language=language, text=text, people=people))
    with transaction.atomic():
        SuggestedQuery.objects.all().delete()
        SuggestedQuery.objects.bulk_create(chosen, batch_size=500)
    query_log.suggested_cache.clear()
    return len(chosen)


def _opened(queries: set[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Return the keys of the documents that were opened after each query."""
    texts = list({text for _language, text in queries})
    found: dict[tuple[str, str], set[str]] = {}
    for start in range(0, len(texts), 500):
        clicks = Click.objects.filter(search__text__in=texts[start : start + 500])
        for language, text, key in clicks.values_list("search__language", "search__text", "key").distinct():
            found.setdefault((language, text), set()).add(key)
    return found


def _public(keys: set[str]) -> dict[str, Document]:
    """Return the documents of these keys that everybody may see, as they are now."""
    found: dict[str, Document] = {}
    for kind, pks in sources.by_kind(keys).items():
        source = sources.get(kind)
        if source and not source.on_request_only:
            visible = source.visible_to(EVERYBODY).order_by().values("pk")
            for start in range(0, len(pks), 500):
                rows = source.queryset().filter(pk__in=pks[start : start + 500]).filter(pk__in=visible)
                found |= {source.key(row.pk): source.to_document(row) for row in rows}
    return found
