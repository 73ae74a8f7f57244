"""Notes on questions of which an FAQ was made."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from community import notices
from community.models import FaqNote, Question
from kb.capture import OriginValue
from kb.models import Faq
from web.params import number


def tell_thread(*, faq: Faq, origins: Iterable[OriginValue], **_signal: Any) -> None:
    """Add a note to each question that the FAQ was made of, and notify its followers. Safe to repeat."""
    numbers = [origin.key.partition(":")[2] for origin in origins if origin.key.startswith("question:")]
    for question in Question.objects.filter(pk__in=[n for n in map(number, numbers) if n]).select_related("audience"):
        with transaction.atomic():
            _note, created = FaqNote.objects.get_or_create(question=question, faq=faq)
            if created and not question.hidden:
                notices.faq_made(question, faq)
