"""Questions as search documents. A question and its answers are one document."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from community.models import Answer, Question
from community.models.questions import QuestionQuerySet, question_url
from kb.typed_links import without_addresses
from markup.clean import html_to_text
from search import sources
from search.models.outbox import enqueue_documents
from search.sources import Document, Source, Title
from web.http import Viewer

_FIELDS = (
    "title", "body_html", "language", "created", "last_activity", "state", "vote_count", "accepted_answer",
    "audience__text", "topic__translation_key", "topic__title", "topic__depth",
    "topic__audience__text",
)  # fmt: skip

_TITLE_FIELDS = ("title", "language", *(name for name in _FIELDS if "__" in name))


class QuestionSource(Source):
    """Questions that are not hidden, with the answers that are not hidden."""

    kind, label, model = "question", _("question"), Question
    url_names = ("community:question", "community:question_short")

    def queryset(self) -> QuestionQuerySet:
        """Return the findable questions with what documents are made of, and no other columns."""
        shown = Answer.objects.published().only("question_id", "body_html", "vote_count", "hidden")
        rows: QuestionQuerySet = Question.objects.published()
        answers = Prefetch("answers", shown)
        return rows.select_related("audience", "topic__audience").prefetch_related(answers).only(*_FIELDS)

    def visible_to(self, viewer: Viewer) -> QuerySet[Any]:
        """Return those that the viewer may read."""
        return self.queryset().in_audience(viewer)

    def to_document(self, obj: Question) -> Document:
        """Return title, text and answers."""
        shown = (answer for answer in obj.answers.all() if not answer.hidden)  # prefetched by queryset()
        answers = sorted(
            shown,
            key=lambda answer: (answer.pk != obj.accepted_answer_id, -answer.vote_count, answer.pk),
        )
        written = [obj.body_html, *(answer.body_html for answer in answers)]
        parts = [without_addresses(html_to_text(html)) for html in written]
        topic, topic_title = obj.topic.subject_for(obj.audience.key_set) if obj.topic else ("", "")
        return Document(
            key=self.key(obj.pk),
            kind=self.kind,
            title=obj.title,
            body="\n\n".join(part for part in parts if part),
            url=obj.get_absolute_url(),
            audience=obj.audience.key_set,
            language=obj.language,
            topic=topic,
            topic_title=topic_title,
            created=obj.created,
            updated=obj.last_activity,
            solved=obj.state == Question.State.SOLVED,
            helpful=obj.vote_count + sum(answer.vote_count for answer in answers),
        )

    def titles(self, rows: QuerySet[Any]) -> dict[str, Title]:
        """Return titles without the texts."""
        listed = rows.select_related("audience", "topic__audience").only(*_TITLE_FIELDS).order_by()
        return {
            str(row.pk): Title(
                row.title,
                question_url(row.pk, row.title, row.language),
                row.language,
                row.topic.subject_for(row.audience.key_set)[1] if row.topic else "",
            )
            for row in listed.prefetch_related(None)
        }

    def answer(self, obj: Question) -> sources.SourceAnswer | None:
        """Return the accepted answer and who wrote it. One query."""
        if obj.accepted_answer_id is None:
            return None
        accepted = Answer.objects.published().filter(pk=obj.accepted_answer_id).select_related("author").first()
        if accepted is None:
            return None
        return sources.SourceAnswer([SafeString(accepted.body_html)], answered_by=_writer(accepted))

    def authors(self, pks: list[str]) -> dict[str, Any]:
        """Return the authors of the accepted answers."""
        rows = Question.objects.filter(pk__in=pks).exclude(accepted_answer=None)
        found = rows.select_related("accepted_answer__author").only("accepted_answer__author")
        return {str(row.pk): row.accepted_answer.author for row in found if row.accepted_answer}

    def is_answer(self, document: Document) -> bool:
        """True if the question is solved."""
        return document.solved

    def filter_by_words(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
        """Return the rows in which one of the words occurs, also in an answer."""
        condition = Q()
        for word in words:
            shown = Answer.objects.published().filter(body__icontains=word).values("question")
            condition |= Q(title__icontains=word) | Q(body__icontains=word) | Q(pk__in=shown)
        return rows.filter(condition)


def _writer(answer: Answer) -> str:
    """Return the author's name, with "Service centre" for staff, as the question's page shows it."""
    name = str(answer.author or _("Former member"))
    return f"{name} ({_('Service centre')})" if answer.from_staff and answer.author else name


def topic_changed(*, instance: Any, created: bool, **_signal: Any) -> None:
    """Reindex the questions of a saved topic, because their documents hold its title."""
    if not created:
        enqueue_documents(
            *(f"question:{pk}" for pk in Question.objects.filter(topic=instance).values_list("pk", flat=True))
        )
