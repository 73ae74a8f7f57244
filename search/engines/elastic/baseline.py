"""Plain Elasticsearch as a baseline: its own analyzers and scores."""

import time

from elasticsearch import helpers

from search.engines.elastic.connection import engine_errors, open_client

_PLAIN = {"title": "^2", "body": ""}


def plain_search(
    url: str, documents: list[dict[str, str]], queries: list[dict[str, str]], size: int = 10
) -> dict[str, list[tuple[str, float]]]:
    """Return the hits of plain Elasticsearch for queries (`id`, `text`) over documents (`id`, `title`, `body`, `lang`).

    multi_match, most_fields, title^2 and body, the built-in analyzers of the languages that occur.
    """
    client = open_client(url)
    name = f"evaluate-plain-{time.time_ns():x}"
    analyzers = {"nl": "dutch", "en": "english"}
    languages = sorted({row.get("lang", "en") for row in documents} & set(analyzers)) or ["en"]
    fields = {f"{f}_{lang}": {"type": "text", "analyzer": analyzers[lang]} for lang in languages for f in _PLAIN}
    weighted = [f"{f}_{lang}{boost}" for lang in languages for f, boost in _PLAIN.items()]
    with engine_errors():
        client.indices.create(index=name, mappings={"properties": fields}, settings={"number_of_shards": 1})
        try:
            rows = (
                {"_id": row["id"], **{f"{f}_{lang}": row.get(f, "") for lang in languages for f in _PLAIN}}
                for row in documents
            )
            helpers.bulk(client, rows, index=name, refresh=True)
            run = {}
            for row in queries:
                match = {"query": row["text"], "type": "most_fields", "fields": weighted}
                answer = client.search(index=name, query={"multi_match": match}, size=size, source=False)
                run[row["id"]] = [(hit["_id"], hit["_score"]) for hit in answer["hits"]["hits"]]
            return run
        finally:
            client.indices.delete(index=name, ignore_unavailable=True)
            client.close()
