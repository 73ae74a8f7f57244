"""The fields and settings of an index, and how a live index differs from them."""

from typing import Any

from search import filters
from search.embeddings.providers import Provider
from search.engines.fields import PLAIN_FIELDS, TEXT_FIELDS
from search.engines.mapping import compare_mappings
from search.engines.protocol import VERSION

_keyword = {"type": "keyword"}
_text = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"version": VERSION},
    "_source": {"excludes": [*TEXT_FIELDS, *PLAIN_FIELDS]},
    "properties": {
        **dict.fromkeys(("key", *filters.fields(), "audience"), _keyword),
        "fingerprint": {"type": "keyword", "index": False, "doc_values": False},
        "translation_key": {"type": "keyword", "index": False},  # absent when there is none
        "merit": {"type": "float", "index": False, "doc_values": False},
        "updated": {"type": "long", "index": False, "doc_values": False},
        **dict.fromkeys(TEXT_FIELDS, _text),
        **dict.fromkeys(PLAIN_FIELDS, {**_text, "norms": False}),
    },
}
SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "-1",
    # How long the version of a deleted document is kept. A leader that was stopped for longer enqueues what it wrote
    # again: see search.indexing.draining.
    "gc_deletes": "1h",
}


def mappings(provider: Provider | None) -> dict[str, Any]:
    """Return the mappings, with a field for vectors if there is a provider."""
    if provider is None:
        return MAPPINGS
    vector = {"type": "dense_vector", "dims": provider.dimensions, "index": True, "similarity": "cosine",
              "index_options": {"type": "int8_hnsw"}}  # fmt: skip
    return MAPPINGS | {
        "_meta": {"version": VERSION, "provider": provider.name},
        "_source": {"excludes": [*TEXT_FIELDS, *PLAIN_FIELDS, "vector"]},
        "properties": MAPPINGS["properties"] | {"vector": vector},
    }


def differences(alias: str, expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return, for operators, how the indexes `found` behind an alias differ from the expected mappings."""
    if alias in found:
        return [f"{alias!r} is an index and should be an alias: delete it (all it holds can be made anew)"]
    if len(found) > 1:
        return [f"{alias!r} is an alias on several indexes: {', '.join(sorted(found))}"]
    live = next(iter(found.values()))["mappings"]
    about = live.get("_meta", {})
    if (version := about.get("version")) != VERSION:
        return [f"it was made by version {version}; this is {VERSION}"]
    if (model := about.get("provider")) != (wanted := expected["_meta"].get("provider")):
        return [f"its vectors are by {model or 'nobody'}; settings choose {wanted or 'nobody'}"]
    return compare_mappings(expected, live)
