"""What operators, stars, far pages and a second try cost, as ratios to a plain query in the same run.

    python -m benchmarks.forgiving [--documents 20000] [--queries 150] [--engine embedded --engine elastic]

Documents and queries of benchmarks/corpus.py in an index of its own. Each query is asked in every form in turn, so that
what else the machine does falls on all forms alike; half of the time the plain form comes last. Time from the text to
the hits of one page of ten with facet counts: reading it, the engine, fusing; no database, no page.
"""

import argparse
import math
import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from search.engines import Engine
    from search.sources import Document

THEN = datetime(2026, 1, 1, tzinfo=UTC)
FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "plain again": lambda text: text,
    "stars": lambda text: re.sub(r"(\w{3,})", r"\1*", text),
    "question marks": lambda text: re.sub(r"(\w\w)(\w)", r"\1?\2*", f"*{text}?", count=1),
    "page 50": lambda text: text,
    "phrase": lambda text: f'"{text}"',
    "left out": lambda text: f"{text} -formulier",
    "filter": lambda text: f"{text} taal:nl",
}


def main() -> None:
    """Index, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=150)
    parser.add_argument("--engine", action="append", choices=["embedded", "elastic"])
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from search import vocabulary
    from search.language.analysis import BY_DICTIONARY

    with patch.object(vocabulary, "current", lambda: BY_DICTIONARY):  # as the index is written; there is no database
        for name in options.engine or ["embedded", "elastic"]:
            measure(name, options.documents, options.queries)


def measure(name: str, documents: int, queries: int) -> None:
    """One engine: p50, p95 and the ratios to plain."""
    from benchmarks import corpus
    from search import engines
    from search.engines import MAX_RESULTS

    engine = engines.make(name, scratch=f"benchmark-forgiving-{os.getpid()}")
    engine.prepare()
    try:
        for start in range(0, documents, 1000):
            engine.write([_document(n) for n in range(start, min(start + 1000, documents))], [])
        engine.commit()
        times: dict[str, list[float]] = {form: [] for form in FORMS}
        asked = corpus.queries(queries + 20)
        for number, (language, text) in enumerate(asked):
            forms = list(FORMS) if number % 2 else list(reversed(FORMS))
            for form in forms:
                taken = _ask(engine, FORMS[form](text), language, MAX_RESULTS - 10 if form == "page 50" else 0)
                if number >= 20:
                    times[form].append(taken)
    finally:
        engine.drop()
        engine.close()
    print(f"\n{name}, {documents} documents, {queries} queries; milliseconds, and times plain")
    plain = {share: _quantile([*times["plain"], *times["plain again"]], share) for share in (0.5, 0.95)}
    for form, all_taken in times.items():
        p50, p95 = _quantile(all_taken, 0.5), _quantile(all_taken, 0.95)
        print(f"{form:15} p50 {p50:7.2f} ({p50 / plain[0.5]:.2f})   p95 {p95:7.2f} ({p95 / plain[0.95]:.2f})")


def _ask(engine: "Engine", text: str, language: str, offset: int) -> float:
    from search import retrieval
    from search.language.analysis import BY_DICTIONARY
    from search.reading import clauses
    from search.reading.query_parser import parse

    started = time.perf_counter()
    asked = parse(text)
    wanted = retrieval.build_request(
        asked.words,
        analysis=BY_DICTIONARY,
        audience=frozenset({"public"}),
        language=language,
        filters=asked.filters,
        must=clauses.required(asked),
        must_not=clauses.excluded(asked, BY_DICTIONARY),
        facets=True,
        offset=offset,
    )
    retrieval.retrieve(asked.words, wanted, language=language, engine=engine)
    return 1000 * (time.perf_counter() - started)


def _document(number: int) -> "Document":
    from benchmarks import corpus
    from search.sources import Document

    made = corpus.text(number)
    return Document(
        key=f"faq:{number}",
        kind="faq",
        title=made.title,
        body="\n".join(made.paragraphs),
        url="/",
        audience=frozenset({"public"}),
        language=made.language,
        created=THEN,
        updated=THEN,
        topic=f"t{number % 20}",
    )


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if share != 0.5 else statistics.median(ordered)


if __name__ == "__main__":
    main()
