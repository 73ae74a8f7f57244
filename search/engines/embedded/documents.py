"""The schema of tantivy, documents for it, and its hits."""

import itertools
from collections.abc import Iterable

import tantivy

from search import filters, ranking
from search.engines.fields import PLAIN_FIELDS, TEXT_FIELDS, text_fields
from search.engines.protocol import Hit
from search.language.analysis import Analysis
from search.sources import Document

_KEYWORDS = ("key", *filters.fields(), "audience", "fingerprint", "translation_key")
_FILLER = "·"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _KEYWORDS:
        stored = name in ("key", "fingerprint")
        builder.add_text_field(name, stored=stored, fast=True, tokenizer_name="raw", index_option="basic")
    for name in [*TEXT_FIELDS, *PLAIN_FIELDS]:
        builder.add_text_field(name, tokenizer_name="terms")
    builder.add_text_field("facts", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = _schema()


def put_documents(writer: tantivy.IndexWriter, documents: Iterable[Document], analysis: Analysis) -> dict[str, str]:
    """Write documents over their earlier versions. Return errors by key of those that cannot be made."""
    errors: dict[str, str] = {}
    for document in documents:
        try:
            made = tantivy_document(document, analysis)
        except (ValueError, UnicodeError, TypeError) as error:
            errors[document.key] = f"{type(error).__name__}: {error}"
            continue
        writer.delete_documents_by_term("key", document.key)
        writer.add_document(made)
    return errors


def tantivy_document(document: Document, analysis: Analysis) -> tantivy.Document:
    """Return a document as tantivy indexes it."""
    made = tantivy.Document()
    keywords = {
        "key": [document.key],
        **{field: [value] for field, value in filters.values(document).items()},
        "audience": sorted(document.audience),
        "fingerprint": [document.fingerprint()],
        "facts": [_facts(document)],
        "translation_key": [document.translation_key] if document.translation_key else [],
    }
    for name, value in itertools.chain.from_iterable(((n, v) for v in vs) for n, vs in keywords.items()):
        made.add_text(name, value)
    fields = text_fields(document, analysis)
    for name, terms in fields.items():
        made.add_text(name, " ".join(terms))
    for name in TEXT_FIELDS:
        if name not in fields:
            # tantivy's mean field length counts documents without the field too, so that documents of the rarer
            # language would seem long. Each gets as many fillers there as it has terms in its own language.
            made.add_text(
                name, " ".join([_FILLER] * len(fields[f"{name.partition('_')[0]}_{document.text_language()}"]))
            )
    return made


def _facts(document: Document) -> str:
    """Return what ranks a document as one stored field, since tantivy reads each field separately."""
    merit = f"{ranking.merit(document):.4f}"
    return f"{document.text_language()} {merit} {document.updated.timestamp():.0f} {document.translation_key}".rstrip()


def as_hit(found: tantivy.Document, score: float) -> Hit:
    """Return a hit of tantivy as a Hit."""
    language, merit, updated, *same = str(found.get_first("facts")).split()
    return Hit(str(found.get_first("key")), float(score), language, float(merit), float(updated), *same)
