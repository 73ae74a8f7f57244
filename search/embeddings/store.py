"""Vectors of the site's documents in the database: known ones are reused, missing ones are made between other work."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from django.utils.timezone import now

from search import embeddings
from search.embeddings import vectors
from search.embeddings.providers import Provider, Vectors
from search.models import Embedding
from search.sources import Document
from web.breaker import Refused

AT_ONCE = 2  # documents: a query waits for no more
_READ = 4_000  # characters of a body


def known(documents: Sequence[Document]) -> dict[str, Vectors]:
    """The vectors of documents by key; those that lack one are noted, to be made later. Two or three queries."""
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
            found[key] = unpack(vector)
    waiting = [
        Embedding(key=key, provider=model.name, digest=wanted, changed=now())
        for key, wanted in digests.items()
        if key not in found and key not in noted
    ]
    Embedding.objects.bulk_create(
        waiting, update_conflicts=True, unique_fields=["key"], update_fields=["provider", "digest", "vector", "changed"]
    )
    return found


def waiting() -> list[str]:
    """Keys of a few documents that lack their vector; none while meaning is switched off."""
    if embeddings.provider() is None:
        return []
    return list(Embedding.objects.filter(vector=None).order_by("id").values_list("key", flat=True)[:AT_ONCE])


def fill(documents: Iterable[Document], gone: Iterable[str]) -> list[str]:
    """Make and store the vectors of documents; forget those that are gone. Keys of those that were stored.

    Raises OSError when the provider does not answer, or did not a moment ago.
    """
    model = embeddings.provider()
    documents = list(documents)
    Embedding.objects.filter(key__in=list(gone)).delete()
    if model is None or not documents:
        return []
    try:
        with embeddings.breaker.attempt():
            made = encode(model, documents)
    except Refused as error:
        raise OSError(str(error)) from error
    for document, vector in zip(documents, made, strict=True):
        Embedding.objects.filter(key=document.key).update(
            provider=model.name, digest=digest(document), vector=pack(vector), changed=now()
        )
    embeddings.stored_table(model.name).renew()
    return [document.key for document in documents]


def forget(keys: Iterable[str]) -> None:
    """Drop the vectors of documents that are no more."""
    if embeddings.provider() is not None and (keys := list(keys)):
        Embedding.objects.filter(key__in=keys).delete()


def encode(model: Provider, documents: Sequence[Document]) -> Vectors:
    """One row for each document."""
    return vectors.documents(model, [(document.title, document.body[:_READ]) for document in documents])


def digest(document: Document) -> str:
    """Changes when the text changes that a vector is made of."""
    return hashlib.blake2s(f"{document.title}\0{document.body[:_READ]}".encode(), digest_size=16).hexdigest()


def pack(vector: Vectors) -> bytes:
    """As 16-bit floats."""
    return vector.astype(np.float16).tobytes()


def unpack(data: bytes | memoryview) -> Vectors:
    """What `pack` made."""
    return np.frombuffer(data, dtype=np.float16).astype(np.float32)
