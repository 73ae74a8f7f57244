"""System checks: settings that are unsafe or contradict each other; with `check --deploy` also the index."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _contradictions(scheme: str, has_password: bool) -> Iterator[CheckMessage]:
    certificates = settings.ELASTICSEARCH_CA_CERTS or settings.ELASTICSEARCH_FINGERPRINT
    if settings.ELASTICSEARCH_API_KEY and has_password:
        yield Error(
            "Elasticsearch has both an API key and a user in its address.",
            hint="Unset ELASTICSEARCH_API_KEY, or take user and password out of ELASTICSEARCH_URL.",
            id="search.E001",
        )
    if settings.ELASTICSEARCH_CA_CERTS and not Path(settings.ELASTICSEARCH_CA_CERTS).is_file():
        yield Error(
            f"ELASTICSEARCH_CA_CERTS names no file: {settings.ELASTICSEARCH_CA_CERTS}",
            hint="Give the path of the authority's certificate (PEM).",
            id="search.E002",
        )
    if certificates and (scheme != "https" or not settings.ELASTICSEARCH_VERIFY_CERTS):
        yield Error(
            "Certificates of Elasticsearch are given and not used.",
            hint="ELASTICSEARCH_CA_CERTS and ELASTICSEARCH_FINGERPRINT need https:// in ELASTICSEARCH_URL "
            "and ELASTICSEARCH_VERIFY_CERTS=1.",
            id="search.E003",
        )
    if settings.ELASTICSEARCH_CA_CERTS and settings.ELASTICSEARCH_FINGERPRINT:
        yield Error(
            "Elasticsearch has both certificates and a fingerprint to be known by; only the fingerprint would count.",
            hint="Unset ELASTICSEARCH_CA_CERTS or ELASTICSEARCH_FINGERPRINT.",
            id="search.E004",
        )
    if scheme not in ("http", "https"):
        yield Error("ELASTICSEARCH_URL begins with http:// or https://.", id="search.E005")


def settings_are_safe(**kwargs: Any) -> list[CheckMessage]:
    """Return errors for contradictions and warnings for unsafe settings."""
    if not settings.ELASTICSEARCH_URL:
        return []
    parts = urlsplit(settings.ELASTICSEARCH_URL)
    found = list(_contradictions(parts.scheme, bool(parts.username)))
    if parts.scheme == "https" and not settings.ELASTICSEARCH_VERIFY_CERTS:
        found.append(
            Warning(
                "The certificate of Elasticsearch is not verified: anybody in between can read and change everything.",
                hint="Name the authority by ELASTICSEARCH_CA_CERTS, or the certificate by ELASTICSEARCH_FINGERPRINT.",
                id="search.W001",
            )
        )
    secret = settings.ELASTICSEARCH_API_KEY or parts.username
    if parts.scheme == "http" and secret and parts.hostname not in LOOPBACK:
        found.append(
            Warning(
                "The password or key of Elasticsearch travels unencrypted.",
                hint="Use https:// in ELASTICSEARCH_URL.",
                id="search.W002",
            )
        )
    return found


def index_fits(**kwargs: Any) -> list[CheckMessage]:
    """Return warnings if the index is not as this version expects. Asks the engine, so only with `check --deploy`."""
    from search import engines
    from search.engines import EngineError

    try:
        differences = engines.get().differences()
    except EngineError as error:
        return [Warning(f"The search engine does not answer: {error}", id="search.W003")]
    hint = "Run `manage.py rebuild_index`; a starting `run_indexer` does it by itself."
    return [Warning(f"The search index: {difference}", hint=hint, id="search.W004") for difference in differences]


def register_all() -> None:
    """Register the checks. Called when the app is ready."""
    register(settings_are_safe, Tags.security)
    register(index_fits, "search", deploy=True)
