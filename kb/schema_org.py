"""Structured data for search engines on the web (schema.org)."""

import json
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts import audiences
from kb.models import Faq
from kb.typed_links import without_addresses
from markup.clean import html_to_text

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def data_block(value: dict[str, Any]) -> SafeString:
    """Return JSON-LD as a data block. It is not run, so script-src does not apply; it cannot close its own tag."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 # escaped above


def faq(obj: Faq) -> SafeString | str:
    """Return a public FAQ as a page with one question, "" for a restricted one."""
    if audiences.PUBLIC not in obj.audience.key_set:
        return ""
    answer: dict[str, Any] = {"@type": "Answer", "text": without_addresses(html_to_text(obj.answer_html))}
    if obj.verified_by:
        answer["author"] = {"@type": "Organization", "name": obj.verified_by.label}
    return data_block(
        {
            "@context": "https://schema.org",
            "@type": "FAQPage",
            "inLanguage": obj.language,
            "url": settings.BASE_URL + obj.get_absolute_url(),
            "dateModified": (obj.last_published_at or obj.created).isoformat(),
            "mainEntity": [{"@type": "Question", "name": obj.question, "acceptedAnswer": answer}],
        }
    )
