"""How well the judged Dutch queries over the demo find what they are after.

    python -m benchmarks.dutch [--engine elastic] [--lexical] [--misses]

Loads the demo into a folder of its own, indexes it with the product's own indexer, asks every query of
demo/judged/queries.tsv as somebody who may see everything, and prints MRR@10 and hits in the first place and the
first ten, by class of query. Elasticsearch is the one that ELASTICSEARCH_URL names.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEPTH = 10


def rows() -> list[dict[str, str]]:
    """The judged queries."""
    with (ROOT / "demo" / "judged" / "queries.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def titles() -> dict[str, tuple[str, str]]:
    """Title and language of each identifier's document, from the demo's files."""
    import yaml

    found = {}
    for kind, pattern in (("faq", "faqs/*/*.md"), ("article", "articles/*/*.md"), ("question", "questions/*.yaml")):
        for path in sorted((ROOT / "demo").glob(pattern)):
            text = path.read_text()
            about = yaml.safe_load(text if path.suffix == ".yaml" else text.split("---")[1])
            slug = path.name.split(".")[0]
            if kind == "question" or path.name.endswith(".nl.md"):
                found[f"{kind}:{slug}"] = about["title"], about.get("lang", "nl")
    return found


def prepare(engine: str, lexical: bool) -> None:
    """A database and an index of this run's own, with the demo in it."""
    folder = tempfile.mkdtemp(prefix="vraagbaak-dutch-")
    os.environ |= {"VAR_DIR": folder, "SECRET_KEY": "benchmark", "BACKGROUND_THREADS": "0"}
    os.environ |= {"SEARCH_INDEX_PREFIX": Path(folder).name, "SEARCH_MEANING": "off" if lexical else "package"}
    for name in ("DATABASE_URL", "REDIS_URL", *(() if engine == "elastic" else ("ELASTICSEARCH_URL",))):
        os.environ.pop(name, None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_demo", password="benchmark", verbosity=0)  # noqa: S106 # of a database that is thrown away
    from search import embeddings, engines
    from search.indexing import indexer

    indexer.rebuild()
    while indexer.make_pending_vectors(engines.get()):
        indexer.drain()
    if (model := embeddings.provider()) is not None:
        model.encode(["warm"])


def ranks() -> list[tuple[dict[str, str], int, list[str]]]:
    """Each query with the place of the first document that it expects (0 when it is not among ten), and what it
    found."""
    from search import query, sources, vocabulary

    vocabulary.clear()
    known: dict[tuple[str, str], str] = {}
    audience: set[str] = set()
    for source in sources.all():
        for row in source.queryset():
            document = source.to_document(row)
            known[f"{document.kind}:{document.title}", document.text_language()] = document.key
            audience |= document.audience
    keys = {i: known[f"{i.partition(':')[0]}:{title}", language] for i, (title, language) in titles().items()}
    viewer: Any = SimpleNamespace(keys=frozenset(audience))
    found = []
    for row in rows():
        expected = {keys[i] for i in row["expected"].split()}
        results = query.search(row["query"], viewer=viewer, language="nl", size=DEPTH, facets=False)
        place = next((n for n, hit in enumerate(results.hits, 1) if hit.key in expected), 0)
        found.append((row, place, [hit.document.title for hit in results.hits[:3]]))
    return found


def main() -> None:
    """Prepare, ask, print, clean up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--engine", choices=["elastic", "embedded"], default="embedded")
    parser.add_argument("--lexical", action="store_true", help="by words alone")
    parser.add_argument("--misses", action="store_true", help="print the queries that do not find theirs first")
    options = parser.parse_args()
    prepare(options.engine, options.lexical)
    from search import engines

    try:
        found = ranks()
    finally:
        engines.get().drop()
    classes: dict[str, list[int]] = defaultdict(list)
    for row, place, _ in found:
        classes[row["class"]].append(place)
    sys.stdout.write(f"{'class':<12}{'queries':>8}{'MRR@10':>9}{'first':>8}{'in ten':>8}\n")
    for name, places in [*sorted(classes.items()), ("all", [place for _, place, _ in found])]:
        count = len(places)
        mrr = sum(1 / place for place in places if place) / count
        first, ten = places.count(1) / count, sum(map(bool, places)) / count
        sys.stdout.write(f"{name:<12}{count:>8}{mrr:>9.3f}{first:>8.0%}{ten:>8.0%}\n")
    for row, place, top in found if options.misses else ():
        if place != 1:
            sys.stdout.write(f"{row['id']:<14}{place:>3}  {row['query']}  →  {row['expected']}  |  {' | '.join(top)}\n")


if __name__ == "__main__":
    main()
