"""The demo's synonyms, recommended pages and query log, from demo/ (its format: demo/README.md)."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from discovery import demo_log
from discovery.curation import actions
from search import sources
from search.indexing import indexer
from search.models import BestBet, Synonym


@transaction.atomic
def load(root: Path) -> None:
    """Create the demo's rows of each kind that has none yet. FAQs must exist."""
    rows = yaml.safe_load((root / "curation.yaml").read_text())
    if not Synonym.objects.exists():
        for row in rows["synonyms"]:
            _save(synonym(row))
        actions.add_starter(by=None)
    if not BestBet.objects.exists():
        keys = _faqs()
        for row in rows["best_bets"]:
            if key := keys.get((title(root, row), row["lang"])):
                _save(best_bet(row, key))
    demo_log.load(yaml.safe_load((root / "searches.yaml").read_text()))


def synonym(row: dict[str, Any]) -> Synonym:
    """Return the unsaved synonym of a row."""
    terms, to = "\n".join(row["terms"]), "\n".join(row.get("to", []))
    return Synonym(language=row["lang"], terms=terms, to=to, note=row.get("note", ""))


def best_bet(row: dict[str, Any], key: str) -> BestBet:
    """Return the unsaved best bet of a row, for the document with that key."""
    return BestBet(document=key, queries="\n".join(row["queries"]), note=row.get("note", ""))


def title(root: Path, row: dict[str, Any]) -> str:
    """Return the title of the FAQ that a row names."""
    (path,) = (root / "faqs").glob(f"*/{row['faq']}.{row['lang']}.md")
    found: str = yaml.safe_load(path.read_text().split("---\n", 2)[1])["title"]
    return found


def _save(row: Synonym | BestBet) -> None:
    row.full_clean()
    row.save()


def _faqs() -> dict[tuple[str, str], str]:
    """Return the keys of FAQs by title and language."""
    source = sources.get("faq")
    found: dict[tuple[str, str], str] = {}
    if source is None:
        return found
    for rows in indexer.batches(source):
        for document in indexer.make_documents(source, rows)[0]:
            found[document.title, document.language] = document.key
    return found
