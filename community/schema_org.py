"""Structured data of public questions for search engines on the web (schema.org)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from community.models import Answer, Question
from kb.schema_org import data_block
from kb.typed_links import without_addresses
from markup import text


def question_page(question: Question, answers: Iterable[Answer]) -> SafeString:
    """Return a data block of type QAPage. Hidden answers are left out."""
    shown = [answer for answer in answers if not answer.hidden]
    url = settings.BASE_URL + question.get_absolute_url()
    main: dict[str, Any] = {
        "@type": "Question",
        "name": question.title,
        "text": without_addresses(text.plain(question.body)) or question.title,
        "inLanguage": question.language,
        "url": url,
        "answerCount": len(shown),
        "upvoteCount": question.vote_count,
        "dateCreated": question.created.isoformat(),
        "suggestedAnswer": [_answer(answer, url) for answer in shown if answer.pk != question.accepted_answer_id],
    }
    accepted = [_answer(answer, url) for answer in shown if answer.pk == question.accepted_answer_id]
    if accepted:
        main["acceptedAnswer"] = accepted[0]
    return data_block({"@context": "https://schema.org", "@type": "QAPage", "mainEntity": main})


def _answer(answer: Answer, url: str) -> dict[str, Any]:
    return {
        "@type": "Answer",
        "text": without_addresses(text.plain(answer.body)),
        "upvoteCount": answer.vote_count,
        "dateCreated": answer.created.isoformat(),
        "url": f"{url}#answer-{answer.pk}",
    }
