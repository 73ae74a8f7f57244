"""The text fields of an index, and the terms of a document in each of them."""

from search.language import LANGUAGES
from search.language.analysis import BOUNDARY, Analysis, whole
from search.sources import Document

TEXT_FIELDS = [f"{name}_{language}" for language in LANGUAGES for name in ("title", "tags", "body")]
PLAIN_FIELDS = ["plain", "surface"]


def text_fields(document: Document, analysis: Analysis) -> dict[str, list[str]]:
    """Return the terms of a document by field, in its own language.

    `plain` has the folded words of title and tags, and one term for the title as a whole. `surface` has every folded
    word in order, for phrases.
    """
    language = document.text_language()
    texts = {
        "title": document.title,
        "tags": " | ".join(filter(None, [*document.tags, document.topic_title, document.service])),
        "body": document.body,
    }
    read = {name: analysis.indexed(text, language) for name, text in texts.items()}
    fields = {f"{name}_{language}": indexed.stems for name, indexed in read.items()}
    fields["plain"] = [*read["title"].surface, *read["tags"].surface, whole(document.title)]
    fields["surface"] = [*read["title"].surface, BOUNDARY, *read["tags"].surface, BOUNDARY, *read["body"].surface]
    return fields
