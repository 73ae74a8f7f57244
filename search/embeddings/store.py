"""Vectors of the site's documents in the database: stored ones are reused, missing ones are made between other work."""

import hashlib
from collections.abc import Iterable, Sequence

from django.utils.timezone import now

from search import embeddings
from search.embeddings import vectors
from search.embeddings.providers import Provider, Vectors
from search.models import Embedding
from search.sources import Document
from web.breaker import BreakerOpen

AT_ONCE = 2  # documents: a query waits for no more than that
_READ = 4_000  # characters of a body


def stored_vectors(documents: Sequence[Document]) -> dict[str, Vectors]:
    """Return stored vectors by key, and note the documents that lack one. Two or three queries."""
    model = embeddings.provider()
    if model is None or not documents:
        return {}
    digests = {document.key: digest(document) for document in documents}
    found: dict[str, Vectors] = {}
    noted = set()
    stored = Embedding.objects.filter(key__in=digests).values_list("key", "provider", "digest", "vector")
    for key, provider, of, vector in stored:
        if of != digests[key]:
            continue
        if vector is None:
            noted.add(key)
        elif provider == model.name:
            found[key] = vectors.unpack(vector)
    waiting = [
        Embedding(key=key, provider=model.name, digest=wanted, changed=now())
        for key, wanted in digests.items()
        if key not in found and key not in noted
    ]
    Embedding.objects.bulk_create(
        waiting, update_conflicts=True, unique_fields=["key"], update_fields=["provider", "digest", "vector", "changed"]
    )
    return found


def pending_keys() -> list[str]:
    """Return keys of a few documents that lack their vector; none without a provider."""
    if embeddings.provider() is None:
        return []
    return list(Embedding.objects.filter(vector=None).order_by("id").values_list("key", flat=True)[:AT_ONCE])


def make_vectors(documents: Iterable[Document], gone: Iterable[str]) -> list[str]:
    """Make and store vectors of documents, and delete those of `gone`. Return the keys that were stored.

    Raises OSError when the provider does not answer, or the breaker is open.
    """
    model = embeddings.provider()
    documents = list(documents)
    Embedding.objects.filter(key__in=list(gone)).delete()
    if model is None or not documents:
        return []
    try:
        with embeddings.breaker.attempt():
            made = encode(model, documents)
    except BreakerOpen as error:
        raise OSError(str(error)) from error
    for document, vector in zip(documents, made, strict=True):
        Embedding.objects.filter(key=document.key).update(
            provider=model.name, digest=digest(document), vector=vectors.pack(vector), changed=now()
        )
    embeddings.stored_table(model.name).renew()
    return [document.key for document in documents]


def delete_vectors(keys: Iterable[str]) -> None:
    """Delete the vectors of documents that no longer exist."""
    if embeddings.provider() is not None and (keys := list(keys)):
        Embedding.objects.filter(key__in=keys).delete()


def encode(model: Provider, documents: Sequence[Document]) -> Vectors:
    """Return one row for each document."""
    return vectors.documents(model, [(document.title, document.body[:_READ]) for document in documents])


def digest(document: Document) -> str:
    """Return a hash of the text that a vector is made of."""
    return hashlib.blake2s(f"{document.title}\0{document.body[:_READ]}".encode(), digest_size=16).hexdigest()
