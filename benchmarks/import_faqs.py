"""Load real help pages, index them, and look every title up: how long, and is each found?

    python benchmarks/import_faqs.py ../shared/data/gnomehelp ../shared/data/lohelp-nl

Works on the database and engine of the environment (see docs/settings.md); give it a database of its own. Prints the
seconds of each step and the titles, unique in their language, that are not in the first ten results for themselves.
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def lost_titles(folders: list[Path]) -> tuple[int, list[str]]:
    """How many titles are unique in their language, and those of them that search does not find for an employee."""
    from accounts.audiences import EMPLOYEES, PUBLIC
    from kb.models import Faq
    from search.query import search

    class Employee:
        keys = frozenset({PUBLIC, EMPLOYEES})

    rows = [(folder.name, row) for folder in folders for row in read(folder / "docs.jsonl")]
    times = Counter((row["title"].strip(), row["lang"]) for _source, row in rows)
    keys = {
        (source, source_id): f"faq:{pk}"
        for source, source_id, pk in Faq.objects.values_list("source", "source_id", "pk")
    }
    unique, lost = 0, []
    for source, row in rows:
        title = row["title"].strip()
        if times[title, row["lang"]] > 1:
            continue
        unique += 1
        found = search(title, viewer=Employee(), language=row["lang"], facets=False)
        if keys[source, row["id"]] not in [hit.document.key for hit in found.hits]:
            lost.append(title)
    return unique, lost


def main(arguments: list[str]) -> int:
    """Run every step; exit status 1 when index and database differ or a title is lost."""
    import django

    django.setup()
    from django.core.management import call_command

    from search.indexing import check, indexer

    folders = [Path(argument) for argument in arguments]
    began = time.monotonic()
    for folder in folders:
        call_command("import_faqs", str(folder / "docs.jsonl"))
    loaded = time.monotonic()
    indexer.rebuild()
    indexed = time.monotonic()
    differences = check.compare()
    unique, lost = lost_titles(folders)
    print(
        f"loaded in {loaded - began:.1f} s, indexed in {indexed - loaded:.1f} s, differences: {len(differences.keys())}"
    )
    print(f"{unique} unique titles, {len(lost)} lost: {lost[:20]}")
    return 1 if differences or lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
