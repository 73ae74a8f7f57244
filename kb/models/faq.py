"""FAQs: Wagtail snippets with drafts, revisions, review, locking and translations."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import Field
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.models import (
    DraftStateMixin,
    Locale,
    LockableMixin,
    PreviewableMixin,
    Revision,
    RevisionMixin,
    TranslatableMixin,
    Workflow,
    WorkflowMixin,
)

from accounts import audiences
from accounts.audiences import Person
from accounts.backends import people_with
from accounts.fields import AudienceField
from accounts.held import HeldFields
from accounts.models import Audience, AudienceQuerySet, Team, User, opened_to
from accounts.widening import Audienced
from accounts.widening_form import WideningForm
from kb.addresses import address
from kb.models import drafts
from kb.models.pages import ArticlePage, TopicPage
from markup import text
from search import sources
from search.models import Findable
from web.fields import require_readable
from web.http import Viewer


def staff_only() -> Audience:
    """The audience of an FAQ for which nobody chose one."""
    return Audience.objects.of([audiences.STAFF])


def faq_slug(question: str) -> str:
    """The readable part of an FAQ's address."""
    return slugify(question)[:80].strip("-") or "faq"


def faq_url(pk: int, question: str, language: str) -> str:
    """The address of an FAQ in its own language."""
    return address("kb:faq", pk, faq_slug(question), language)


class FaqQuerySet(AudienceQuerySet):
    """FAQs."""

    def published(self) -> Self:
        """FAQs that are live."""
        return self.filter(live=True)

    def editable_by(self, viewer: Person) -> Self:
        """FAQs, drafts too, that a person may read in full and change: of curators those in whose audience they are,
        and what is entrusted to them. Where the newest draft is closed to somebody, so is the FAQ."""
        if not viewer.user.is_authenticated:
            return self.none()
        opened = opened_to(viewer)
        found = entrusted(viewer, opened)
        if viewer.user.has_perm("kb.edit_faq"):
            found |= models.Q(audience__in=opened)
        return self.filter(found & ~drafts.newest_is(closed_drafts(viewer, opened), self.model))

    def in_language(self, code: str) -> Self:
        """FAQs written in a language."""
        return self.filter(locale__language_code=code)


def entrusted(viewer: Person, opened: drafts.Audiences) -> models.Q:
    """FAQs that a person looks after, while they may write drafts; of curators also what nobody may read because no
    single key names who is in its chosen audience and in its topic's: nobody could finish it otherwise.

    Never more than was chosen: they are in the chosen audience and see the topic. Of an FAQ of theirs that was never
    published the newest draft decides instead (`closed_drafts`, which whoever asks for this asks as well)."""
    chosen = models.Q(own_audience__in=opened)
    if audiences.STAFF in viewer.keys:
        chosen |= models.Q(own_audience=None)
    found = models.Q(pk__in=())
    if viewer.user.has_perm("kb.draft_faq"):
        begun = models.Q(live=False, first_published_at=None, latest_revision__isnull=False)
        found |= models.Q(owner=viewer.user.pk) & (chosen | begun)
    if viewer.user.has_perm("kb.edit_faq"):
        found |= models.Q(audience__text="") & chosen
    return found & models.Q(topic__in=_topics(opened))


def closed_drafts(viewer: Viewer, opened: drafts.Audiences) -> models.Q:
    """Of drafts of FAQs: closed to the viewer by their audience or by their topic."""
    return drafts.closed_faqs(viewer, opened, _topics(opened))


def _topics(opened: drafts.Audiences) -> models.QuerySet[TopicPage]:
    return TopicPage._base_manager.filter(audience__in=opened).values("pk")


FaqManager = models.Manager.from_queryset(FaqQuerySet)


class FaqForm(HeldFields, WideningForm, WagtailAdminModelForm):
    """The editor of an FAQ: more readers only after a yes to exactly that; looked after by somebody who may write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            writers = models.Q(pk__in=people_with("kb.draft_faq").values("pk"))
            people = User.objects.filter(writers | models.Q(pk=getattr(self.instance, "owner_id", None)))
            self.fields["owner"].queryset = people.order_by("name", "pk")


class Faq(
    Findable,
    Audienced,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    TranslatableMixin,
    models.Model,
):
    """A question with its answer.

    `own_audience` is what somebody chose, `audience` what holds: never wider than the topic.
    """

    question = models.CharField(_("question"), max_length=255)
    answer = models.TextField(_("answer"), max_length=text.MAX_LENGTH, help_text=_("Markdown."))
    answer_html = models.TextField(editable=False, blank=True)
    topic = models.ForeignKey(TopicPage, on_delete=models.PROTECT, related_name="faqs", verbose_name=_("topic"))
    own_audience = AudienceField(
        null=True, blank=True, help_text=_("Nothing chosen: staff only. Never wider than the topic.")
    )
    audience = AudienceField(editable=False)
    tags = models.CharField(
        _("other words"), max_length=255, blank=True, help_text=_("Words people search with, separated by commas.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("looked after by"),
    )
    verified_by = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("checked by")
    )
    verified_at = models.DateTimeField(_("checked on"), null=True, blank=True)
    source = models.CharField(max_length=80, blank=True, editable=False)
    source_id = models.CharField(max_length=200, blank=True, editable=False)
    # Of what was imported: an import that repeats itself leaves what curators made of it alone.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    helpful_count = models.PositiveIntegerField(default=0, editable=False)
    not_helpful_count = models.PositiveIntegerField(default=0, editable=False)

    objects = FaqManager()

    search_auto_update = False
    search_kind: ClassVar[str] = "faq"
    base_form_class = FaqForm
    audience_fields: ClassVar[tuple[str, ...]] = ("own_audience", "topic")
    unchosen: ClassVar[tuple[str, ...]] = (audiences.STAFF,)
    above: ClassVar[Any] = _("The topic")
    widen_permission: ClassVar[str] = "kb.widen_audience"
    # What belongs to the FAQ as a whole: a revision never brings an older value back.
    KEPT: ClassVar = (
        "source",
        "source_id",
        "source_digest",
        "created",
        "helpful_count",
        "not_helpful_count",
        "audience_id",
    )

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("FAQ")
        verbose_name_plural = _("FAQs")
        ordering: ClassVar = ["-last_published_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~models.Q(source_id=""), name="faq_source_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["live", "-last_published_at"], name="faq_live_newest")]

    def __str__(self) -> str:
        return self.question

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the answer's HTML with the row."""
        if kwargs.get("update_fields") is None:
            self.answer_html = text.render(self.answer)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The address in the FAQ's own language."""
        return faq_url(self.pk, self.question, self.language)

    def settle_audience(self) -> None:
        """Its own choice, never wider than the topic."""
        self.audience = self.topic.narrowed_faq(self.own_audience)

    def limit(self) -> Audience | None:
        """The topic's."""
        return self.topic.audience if self.topic_id else None

    @property
    def slug(self) -> str:
        """The readable part of the address; the id before it decides."""
        return faq_slug(self.question)

    @property
    def language(self) -> str:
        """The language it is written in."""
        return self.locale.language_code

    @property
    def full_url(self) -> str:
        """The address with host, for Wagtail's "view live" and for mail."""
        return settings.BASE_URL + self.get_absolute_url()

    def is_managed_by(self, viewer: Person) -> bool:
        """The rule of `editable_by` for one row."""
        return bool(Faq.objects.editable_by(viewer).filter(pk=self.pk).exists())

    def require_topic_language(self) -> None:
        """Raise ValidationError when the topic is in another language and has no translation to take its place."""
        if self.topic.locale_id == self.locale_id:
            return
        translated = self.topic.get_translation_or_none(self.locale)
        if translated is None:
            raise ValidationError({"topic": _("Choose a topic in the language of this FAQ.")})
        self.topic = translated.specific

    def clean(self) -> None:
        """Question and answer can be read, the answer fits, and the topic is in the FAQ's language."""
        super().clean()
        require_readable(self, "question")
        if len(self.answer) > text.MAX_LENGTH:
            raise ValidationError({"answer": _("This answer is too long. Make it shorter, or write an article.")})
        if self.answer and not text.shows_something(self.answer):
            raise ValidationError({"answer": Field.default_error_messages["required"]})
        if self.topic_id and self.locale_id:
            self.require_topic_language()

    def is_visible_to(self, viewer: Viewer) -> bool:
        """The rule of `visible_to` for one row."""
        return self.live and bool(viewer.keys & self.audience.key_set)

    def with_content_json(self, content: dict[str, Any]) -> "Faq":
        """A revision knows the text; source, feedback and effective audience stay the row's."""
        faq: Faq = super().with_content_json(content)
        for name in self.KEPT:
            setattr(faq, name, getattr(self, name))
        return faq

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> None:
        """Publish a revision: the text, the audit row and telling those who asked happen together or not at all."""
        from kb.actions import after_publish

        with transaction.atomic():
            super().publish(revision, user=user, **kwargs)
            after_publish(by=user, faq=type(self).objects.get(pk=self.pk))

    def get_workflow(self) -> Workflow | None:
        """The review of its topic."""
        return self.topic.get_workflow() if self.topic_id else self.get_default_workflow()

    def copy_for_translation(self, locale: Locale, exclude_fields: Any = None) -> "Faq":
        """A draft in another language, to be translated; it has no source of its own."""
        copy: Faq = super().copy_for_translation(locale, exclude_fields=exclude_fields)
        copy.live, copy.source, copy.source_id, copy.source_digest = False, "", "", ""
        copy.helpful_count = copy.not_helpful_count = 0
        copy.latest_revision = copy.live_revision = None
        copy.first_published_at = copy.last_published_at = None
        copy.topic = self.topic.get_translation_or_none(locale) or self.topic
        return copy

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """The page readers will see."""
        return "kb/faq_detail.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """The draft as a reader would see it."""
        self.answer_html = text.render(self.answer[: text.MAX_LENGTH])
        return {**super().get_preview_context(request, mode_name), "faq": self, "is_preview": True}

    @property
    def tag_list(self) -> tuple[str, ...]:
        """The other words, one by one."""
        return tuple(tag.strip() for tag in self.tags.split(",") if tag.strip())


class Origin(models.Model):
    """Where an FAQ came from: something asked elsewhere, stored as a value; the other package's tables are not read."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="origins")
    key = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        ordering: ClassVar = ["created"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["faq", "key"], name="origin_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def label(self) -> str:
        """What it was, for people: "question 12"."""
        kind, _colon, pk = self.key.partition(":")
        source = sources.get(kind)
        return f"{source.label if source else kind} {pk}"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """What readers said."""

    def about_visible(self, viewer: Viewer) -> Self:
        """About texts that the viewer may read."""
        faqs, articles = Faq.objects.visible_to(viewer), ArticlePage.objects.visible_to(viewer)
        return self.filter(models.Q(faq__in=faqs) | models.Q(article__in=articles))


class Feedback(models.Model):
    """Whether an FAQ or an article helped somebody, and why not. One for each person or visitor."""

    faq = models.ForeignKey(Faq, null=True, blank=True, on_delete=models.CASCADE, related_name="feedback")
    article = models.ForeignKey(ArticlePage, null=True, blank=True, on_delete=models.CASCADE, related_name="feedback")
    who = models.CharField(max_length=90)  # an audience key: user:N or visitor:HASH
    helpful = models.BooleanField(_("helped"))
    reason = models.TextField(_("what was missing"), max_length=1000, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects: ClassVar = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering: ClassVar = ["-updated"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(faq__isnull=True) ^ models.Q(article__isnull=True), name="feedback_on_one_thing"
            ),
            models.UniqueConstraint(fields=["faq", "who"], name="feedback_faq_once"),
            models.UniqueConstraint(fields=["article", "who"], name="feedback_article_once"),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {'+' if self.helpful else '-'}"

    @property
    def about(self) -> str:
        """The title of what it is about."""
        return str(self.faq or self.article)

    @property
    def url(self) -> str:
        """The address of what it is about."""
        from kb.documents import page_url

        return self.faq.get_absolute_url() if self.faq else page_url(self.article)
