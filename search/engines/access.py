"""Access to Elasticsearch: address, credentials and certificates, from settings."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings


def client_options(url: str) -> dict[str, Any]:
    """Return the client's options. Certificates are verified unless ELASTICSEARCH_VERIFY_CERTS is off."""
    parts = urlsplit(url)
    found: dict[str, Any] = {}
    if settings.ELASTICSEARCH_API_KEY:
        found["api_key"] = settings.ELASTICSEARCH_API_KEY
    elif parts.username:
        found["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "https":
        found["verify_certs"] = settings.ELASTICSEARCH_VERIFY_CERTS
        if settings.ELASTICSEARCH_CA_CERTS:
            found["ca_certs"] = settings.ELASTICSEARCH_CA_CERTS
        if settings.ELASTICSEARCH_FINGERPRINT:
            found["ssl_assert_fingerprint"] = settings.ELASTICSEARCH_FINGERPRINT.replace(":", "").lower()
    return found


def safe_address(url: str) -> str:
    """Return the address without credentials, for the client and for logs.

    It always has a port, since the client requires one.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port or {'https': 443}.get(parts.scheme, 80)}{parts.path.rstrip('/')}"
