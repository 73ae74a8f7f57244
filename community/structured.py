"""What search engines outside read of a public question (schema.org)."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from community.models import Answer, Question
from markup import text

# Inside <script> these would end it, or start a comment.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def question_page(question: Question, answers: Iterable[Answer]) -> SafeString:
    """JSON-LD of type QAPage, safe inside a script element. Hidden answers are left out."""
    shown = [answer for answer in answers if not answer.hidden]
    url = settings.BASE_URL + question.get_absolute_url()
    main: dict[str, Any] = {
        "@type": "Question",
        "name": question.title,
        "text": text.plain(question.body) or question.title,
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
    data = {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": main}
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 # escaped just now


def _answer(answer: Answer, url: str) -> dict[str, Any]:
    return {
        "@type": "Answer",
        "text": text.plain(answer.body),
        "upvoteCount": answer.vote_count,
        "dateCreated": answer.created.isoformat(),
        "url": f"{url}#answer-{answer.pk}",
    }
