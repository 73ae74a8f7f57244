"""Questions, answers, votes, and notes about FAQs that were made of a question."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from accounts.fields import AudienceField
from accounts.models import AudienceQuerySet
from community.models.pages import SpacePage
from kb.addresses import address
from kb.models import TopicPage
from search.models import Findable
from web.http import Viewer

TITLE_LENGTH = 200
BODY_LENGTH = 20_000


class Written(models.Model):
    """A text that somebody wrote: Markdown, and the HTML made of it when it was saved."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField(_("text"))
    body_html = models.TextField(editable=False)
    created = models.DateTimeField(default=timezone.now)
    edited = models.DateTimeField(null=True, blank=True)
    hidden = models.BooleanField(_("hidden"), default=False)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    vote_count = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def withdrawn(self) -> bool:
        """True if the author hid it, who may undo that."""
        return self.hidden and self.author_id is not None and self.hidden_by_id == self.author_id


def question_slug(title: str) -> str:
    """Return the readable part of a question's address."""
    return slugify(title)[:80].strip("-") or "q"


def question_url(pk: int, title: str, language: str) -> str:
    """Return the address of a question in its own language."""
    return address("community:question", pk, question_slug(title), language)


SHOWN = ("latest", "unanswered", "solved", "mine")  # filters of a space's list


def written_by(viewer: Person) -> Q:
    """Match what a person wrote; nothing for a visitor."""
    return Q(author=viewer.user) if viewer.user.is_authenticated else Q(pk__in=())


# Columns that a line of a list shows.
LISTED = (
    "title", "language", "state", "answer_count", "created", "last_activity", "hidden", "hidden_by",
    "author__name", "author__email", "space__title", "space__translation_key",
)  # fmt: skip


class QuestionQuerySet(AudienceQuerySet):
    """Questions."""

    def published(self) -> Self:
        """Return the questions that are not hidden, in live spaces."""
        return self.filter(hidden=False, space__live=True)

    def readable_by(self, viewer: Person, *, moderator: bool) -> Self:
        """Return what `visible_to` returns, and hidden questions for their author and for moderators, inside the
        audience."""
        if moderator:
            return self.in_audience(viewer)
        return self.in_audience(viewer).filter(Q(hidden=False, space__live=True) | written_by(viewer))

    def shown_as(self, show: str, viewer: Person) -> Self:
        """Return the questions that a filter leaves; `show` is one of SHOWN."""
        if show == "unanswered":
            return self.filter(state=Question.State.OPEN)
        if show == "solved":
            return self.filter(state=Question.State.SOLVED)
        return self.filter(written_by(viewer)) if show == "mine" else self

    def about(self, topic: TopicPage) -> Self:
        """Return the questions about a topic and the topics below it, in all languages."""
        below = TopicPage.objects.descendant_of(topic, inclusive=True).values("translation_key")
        return self.filter(topic__translation_key__in=below)

    def in_space(self, space: SpacePage) -> Self:
        """Return the questions of a space, asked in any of its translations."""
        return self.filter(space__translation_key=space.translation_key)

    def for_list(self) -> Self:
        """Load what a line of a list shows, and nothing else: texts are up to 20,000 characters long."""
        return self.select_related("author", "space").only(*LISTED)


class Question(Findable, Written):
    """A question to the people of a space."""

    class State(models.TextChoices):
        """Whether it has answers, and one that solved it."""

        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        SOLVED = "solved", _("solved")

    search_kind = "question"

    space = models.ForeignKey(SpacePage, on_delete=models.PROTECT, related_name="questions", verbose_name=_("space"))
    topic = models.ForeignKey(
        "kb.TopicPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("topic")
    )
    title = models.CharField(_("question"), max_length=TITLE_LENGTH)
    language = models.CharField(_("language"), max_length=5, choices=[("nl", _("Dutch")), ("en", _("English"))])
    own_audience = AudienceField(null=True, blank=True)
    audience = AudienceField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, db_index=True)
    accepted_answer = models.ForeignKey(
        "Answer", null=True, blank=True, on_delete=models.SET_NULL, related_name="accepted_for"
    )
    answer_count = models.PositiveIntegerField(default=0)
    last_activity = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-last_activity", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "answered", "solved"]), name="question_state"),
            models.CheckConstraint(condition=Q(language__in=["nl", "en"]), name="question_language"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address in the language of the question."""
        return question_url(self.pk, self.title, self.language)

    @property
    def key(self) -> str:
        """Return the document key, which is also the key that people follow."""
        return f"question:{self.pk}"

    @property
    def slug(self) -> str:
        """Return the readable part of the address. The number in front of it identifies the question."""
        return question_slug(self.title)

    def answers_for(self, viewer: Person, *, moderator: bool) -> "list[Answer]":
        """Return the answers that a reader of the question may read: the accepted one first, then by votes."""
        rows = self.answers.select_related("author").not_hidden_from(viewer, moderator=moderator)
        return sorted(rows, key=lambda a: (a.pk != self.accepted_answer_id, a.hidden, -a.vote_count, a.created, a.pk))

    def settle_audience(self) -> None:
        """Set the audience in force: the question's own, never wider than the space's. Does not save."""
        self.audience = self.space.narrowed(self.own_audience)

    def settle_state(self) -> None:
        """Set state and number of answers from the answers that are not hidden. Does not save."""
        shown = set(self.answers.filter(hidden=False).values_list("pk", flat=True))
        self.answer_count = len(shown)
        if self.accepted_answer_id in shown:
            self.state = self.State.SOLVED
        else:
            self.state = self.State.ANSWERED if shown else self.State.OPEN


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Answers. An answer has the audience of its question."""

    def published(self) -> Self:
        """Return the answers that are not hidden."""
        return self.filter(hidden=False)

    def visible_to(self, viewer: Viewer) -> Self:
        """Return the published answers to questions that the viewer sees."""
        return self.published().filter(question__in=Question.objects.visible_to(viewer))

    def readable_by(self, viewer: Person, *, moderator: bool) -> Self:
        """Return the answers to questions that the viewer may read, hidden ones only for their author and for
        moderators."""
        questions = Question.objects.readable_by(viewer, moderator=moderator)
        return self.filter(question__in=questions).not_hidden_from(viewer, moderator=moderator)

    def not_hidden_from(self, viewer: Person, *, moderator: bool) -> Self:
        """Leave out hidden answers, but for their author and for moderators."""
        return self if moderator else self.filter(Q(hidden=False) | written_by(viewer))

    def points(self, author_ids: Iterable[int]) -> dict[int, int]:
        """Return what people earned with these answers: one point for each vote and for each accepted answer."""
        rows = self.filter(author__in=author_ids).values("author_id")
        totals = rows.annotate(total=Sum("vote_count") + Count("accepted_for"))
        return {row["author_id"]: row["total"] for row in totals}


class Answer(Findable, Written):
    """An answer to a question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    from_staff = models.BooleanField(default=False)  # the author was staff of the SSC when writing it

    objects: ClassVar[Any] = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["created", "pk"]

    def __str__(self) -> str:
        return f"{self.author} · {self.question_id}"

    def search_keys(self) -> list[str]:
        return [f"question:{self.question_id}"]

    @property
    def key(self) -> str:
        """Return the key that flags use."""
        return f"answer:{self.pk}"


class Vote(models.Model):
    """A vote: somebody found an answer useful, or has the same question. One for each person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.CASCADE, related_name="votes")
    answer = models.ForeignKey(Answer, null=True, blank=True, on_delete=models.CASCADE, related_name="votes")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(question__isnull=False, answer__isnull=True)
                | Q(question__isnull=True, answer__isnull=False),
                name="vote_on_one_thing",
            ),
            models.UniqueConstraint(fields=["user", "question"], name="vote_once_per_question"),
            models.UniqueConstraint(fields=["user", "answer"], name="vote_once_per_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.question_id or self.answer_id}"


class FaqNote(models.Model):
    """A note that an FAQ was made of this question. Shown to people who may see the FAQ."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="faq_notes")
    faq = models.ForeignKey("kb.Faq", on_delete=models.CASCADE, related_name="+")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "faq"], name="faq_note_once")]

    def __str__(self) -> str:
        return f"{self.question_id} → {self.faq_id}"
