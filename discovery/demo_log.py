"""The demo's query log: six weeks of searches, for figures, gaps and suggestions."""

import random
import uuid
from datetime import date, timedelta
from typing import Any

from accounts.audiences import viewer_for
from accounts.models import User
from discovery import search_alerts
from discovery.analytics import gaps, metrics, pseudonym, query_log, suggested_queries
from discovery.analytics.query_log import PageNote
from discovery.models import Click, DailyFigures, Gap, LoggedSearch, Outcome
from discovery.permissions import can_curate
from search import sources, viewers
from search.indexing import indexer
from search.language import wording
from search.sources import Document

DAYS = 42
PEOPLE = 60  # searchers on one day, at most
OUTCOMES = {"chat": Outcome.CHAT, "question": Outcome.QUESTION}


def load(rows: dict[str, Any]) -> None:
    """Create the searches of demo/searches.yaml, the same ones each time, unless anything is logged already."""
    if LoggedSearch.objects.exists() or DailyFigures.objects.exists():
        return
    chance = random.Random(2026)  # noqa: S311 # a demo, no secret
    today = pseudonym.now().date()
    searches: list[LoggedSearch] = []
    clicks: list[Click] = []
    documents = _documents()
    for row in rows["searches"]:
        keys = _answers(row, documents)
        for _time in range(chance.randint(8, 45)):
            search = _search(chance, today, row, hits=chance.randint(2, 40))
            searches.append(search)
            if keys and chance.random() < 0.72:
                rank = chance.choice([1, 1, 1, 1, 2, 2, 3, 5])
                search.clicked_rank = rank
                clicks.append(Click(search=search, key=keys[min(rank, len(keys)) - 1], rank=rank))
    for row in rows["in_vain"]:
        for _time in range(row["times"]):
            search = _search(chance, today, row, hits=0)
            search.reformulated = row.get("then") == "other_words"
            search.outcome = OUTCOMES.get(row.get("then", ""), Outcome.NONE)
            searches.append(search)
    for row in rows["given_up"]:
        for _time in range(row["times"]):
            search = _search(chance, today, row, hits=chance.randint(1, 9))
            search.reformulated, search.helped, search.found_as = True, True, row["then"]
            searches.append(search)
    LoggedSearch.objects.bulk_create(searches, batch_size=500)
    Click.objects.bulk_create(clicks, batch_size=500)
    for day in sorted({search.day for search in searches}):
        metrics.roll_up(day)
    for row in rows["in_vain"]:
        _close_gap(row, documents)
    suggested_queries.choose()


def _close_gap(row: dict[str, Any], documents: list[Document]) -> None:
    """Answer or hide a gap, or create search alerts for it, as its row says."""
    gap = Gap.objects.get(language=row["lang"], words=wording.words(query_log.normalise(row["query"]), row["lang"]))
    people = list(map(viewer_for, User.objects.filter(is_active=True).order_by("pk")))
    if "answered" in row and (keys := _answers(row, documents)):
        gap.state, gap.answer = Gap.State.ANSWERED, keys[0]
        gap.answered = pseudonym.now() - timedelta(days=row["answered"])
        gap.save()
    if "hidden" in row and (curator := next(filter(can_curate, people), None)):
        gaps.hide(by=curator, gap=gap, reason=row["hidden"], note=row.get("note", ""))
    for person in people[: row.get("wait", 0)]:
        search_alerts.create(by=person, note=PageNote(text=gap.text, language=gap.language))


def _search(chance: random.Random, today: date, row: dict[str, Any], hits: int) -> LoggedSearch:
    """Return one search on a working day, likelier a recent one; without a time, as if its day were over."""
    day = today - timedelta(days=int(DAYS * chance.random() ** 1.3))
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return LoggedSearch(
        id=uuid.UUID(int=chance.getrandbits(128)),
        text=query_log.normalise(row["query"]),
        language=row["lang"],
        day=day,
        hour=chance.choice([8, 9, 9, 10, 10, 11, 13, 14, 15, 16]),
        searcher=f"demo{chance.randrange(PEOPLE):02}{day:%y%m%d}",
        hits=hits,
    )


def _documents() -> list[Document]:
    """Return the public answers."""
    found: list[Document] = []
    for source in filter(None, map(sources.get, ("faq", "article"))):
        for rows in indexer.batches(source):
            found += [
                document for document in indexer.make_documents(source, rows)[0] if viewers.PUBLIC in document.audience
            ]
    return found


def _answers(row: dict[str, Any], documents: list[Document]) -> list[str]:
    """Return the keys of documents that have words which begin like the query's, the best first. Needs no index."""
    beginnings = [word[:6] for word in query_log.normalise(row["query"]).split() if len(word) > 2]

    def score(document: Document) -> int:
        title, body = document.title.casefold(), document.body.casefold()
        return sum(3 * (each in title) + (each in body) for each in beginnings)

    best = sorted((d for d in documents if d.language == row["lang"] and score(d)), key=score, reverse=True)
    return [document.key for document in best[:5]]
