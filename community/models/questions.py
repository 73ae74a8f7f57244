"""Questions, their answers, votes, and the notes that say that an FAQ came of them."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.fields import AudienceField
from accounts.models import AudienceQuerySet
from community.models.pages import SpacePage
from kb.addresses import address
from search.models import Findable
from web.http import Viewer

TITLE_LENGTH = 200
BODY_LENGTH = 20_000


class Written(models.Model):
    """What somebody wrote: Markdown beside the HTML made of it when it was saved."""

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

    # What a page knows of it for its reader (browse.mark_rows).
    voted: bool
    points: int
    may_vote: bool
    may_edit: bool
    may_hide: bool
    may_restore: bool
    may_flag: bool

    class Meta:
        abstract = True

    @property
    def withdrawn(self) -> bool:
        """Hidden by the author, who may undo that."""
        return self.hidden and self.author_id is not None and self.hidden_by_id == self.author_id


def question_slug(title: str) -> str:
    """The readable part of a question's address."""
    return slugify(title)[:80].strip("-") or "q"


def question_url(pk: int, title: str, language: str) -> str:
    """The address of a question in its own language."""
    return address("community:question", pk, question_slug(title), language)


class QuestionQuerySet(AudienceQuerySet):
    """Which questions somebody gets to see."""

    def published(self) -> Self:
        return self.filter(hidden=False, space__live=True)

    def readable_by(self, viewer: Any, *, moderator: bool) -> Self:
        """What `visible_to` gives, with hidden ones for their author and for moderators, inside the audience."""
        if moderator:
            return self.in_audience(viewer)
        mine = Q(author=viewer.user) if viewer.user.is_authenticated else Q(pk__in=())
        return self.in_audience(viewer).filter(Q(hidden=False, space__live=True) | mine)

    def in_space(self, space: SpacePage) -> Self:
        """Questions of a space, in whichever of its translations they were asked."""
        return self.filter(space__translation_key=space.translation_key)

    def for_list(self) -> Self:
        """With what a line of a list shows."""
        return self.select_related("author", "space", "audience").defer("body_html")


class Question(Findable, Written):
    """A question to the people of a space."""

    class State(models.TextChoices):
        """How far it is."""

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

    space_title: str  # in the reader's language (browse.listed)

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
        """The address in the language of the question."""
        return question_url(self.pk, self.title, self.language)

    @property
    def key(self) -> str:
        """The document key, also what followers follow."""
        return f"question:{self.pk}"

    @property
    def slug(self) -> str:
        """The readable part of the address; the number decides."""
        return question_slug(self.title)

    def settle_audience(self) -> None:
        """Set the effective audience: the question's own, never wider than the space's. Does not save."""
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
    """Which answers somebody gets to see; an answer has the audience of its question."""

    def published(self) -> Self:
        """Answers that are not hidden."""
        return self.filter(hidden=False)

    def visible_to(self, viewer: Viewer) -> Self:
        """Published answers to questions the viewer sees."""
        return self.published().filter(question__in=Question.objects.visible_to(viewer))

    def readable_by(self, viewer: Any, *, moderator: bool) -> Self:
        """Answers to questions the viewer may read, with hidden ones for their author and for moderators."""
        questions = Question.objects.readable_by(viewer, moderator=moderator)
        rows = self.filter(question__in=questions)
        if moderator:
            return rows
        mine = Q(author=viewer.user) if viewer.user.is_authenticated else Q(pk__in=())
        return rows.filter(Q(hidden=False) | mine)


class Answer(Findable, Written):
    """An answer to a question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    from_staff = models.BooleanField(default=False)  # the author answered for the SSC when writing it

    accepted: bool  # on its question's page (browse.question)

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
        """Its key for flags."""
        return f"answer:{self.pk}"


class Vote(models.Model):
    """Somebody found an answer useful, or has the same question. Once for each person."""

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
    """An FAQ was published that came of this question. Shown to those who may see the FAQ."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="faq_notes")
    faq = models.ForeignKey("kb.Faq", on_delete=models.CASCADE, related_name="+")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "faq"], name="faq_note_once")]

    def __str__(self) -> str:
        return f"{self.question_id} → {self.faq_id}"
