"""FAQs: Wagtail snippets with drafts, revisions, review, locking and translations."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import Field
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
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
from accounts.fields import AudienceField
from accounts.models import Audience, Team
from accounts.widening import Audienced
from kb.addresses import address
from kb.models.editors import FaqForm
from kb.models.faq_access import FaqManager
from kb.models.pages import TopicPage
from kb.signals import faq_revision_published
from markup import text
from search.models import Findable
from web.fields import require_readable
from web.http import Viewer


def faq_slug(question: str) -> str:
    """Return the readable part of an FAQ's address."""
    return slugify(question)[:80].strip("-") or "faq"


def faq_url(pk: int, question: str, language: str) -> str:
    """Return the address of an FAQ in its own language."""
    return address("kb:faq", pk, faq_slug(question), language)


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

    `own_audience` is what somebody chose, `audience` what is in force: never wider than the topic's.
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
    # Of the imported text: a repeated import leaves alone what curators changed since.
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
    # Belongs to the row as a whole: reverting to a revision does not bring an older value back.
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
        """Return the address in the FAQ's own language."""
        return faq_url(self.pk, self.question, self.language)

    def settle_audience(self) -> None:
        """Set `audience`: the FAQ's own choice, never wider than the topic's."""
        self.audience = self.topic.narrowed_faq(self.own_audience)

    def limit(self) -> Audience | None:
        """Return the topic's audience."""
        return self.topic.audience if self.topic_id else None

    @property
    def slug(self) -> str:
        """Return the readable part of the address. The id in front of it identifies the FAQ."""
        return faq_slug(self.question)

    @property
    def language(self) -> str:
        """Return the code of the language it is written in."""
        return self.locale.language_code

    @property
    def full_url(self) -> str:
        """Return the address with host, for Wagtail's "view live" and for mail."""
        return settings.BASE_URL + self.get_absolute_url()

    def is_managed_by(self, viewer: Person) -> bool:
        """Apply the rule of `editable_by` to this row."""
        return bool(Faq.objects.editable_by(viewer).filter(pk=self.pk).exists())

    def require_topic_language(self) -> None:
        """Replace a topic in another language by its translation. Raises ValidationError if there is none."""
        if self.topic.locale_id == self.locale_id:
            return
        translated = self.topic.get_translation_or_none(self.locale)
        if translated is None:
            raise ValidationError({"topic": _("Choose a topic in the language of this FAQ.")})
        self.topic = translated.specific

    def clean(self) -> None:
        """Require a readable question and answer, an answer that fits, and a topic in the FAQ's language."""
        super().clean()
        require_readable(self, "question")
        if len(self.answer) > text.MAX_LENGTH:
            raise ValidationError({"answer": _("This answer is too long. Make it shorter, or write an article.")})
        if self.answer and not text.shows_something(self.answer):
            raise ValidationError({"answer": Field.default_error_messages["required"]})
        if self.topic_id and self.locale_id:
            self.require_topic_language()

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Apply the rule of `visible_to` to this row."""
        return self.live and bool(viewer.keys & self.audience.key_set)

    def with_content_json(self, content: dict[str, Any]) -> "Faq":
        """Return the FAQ as a revision has it. Source, feedback and audience in force stay those of the row."""
        faq: Faq = super().with_content_json(content)
        for name in self.KEPT:
            setattr(faq, name, getattr(self, name))
        return faq

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> None:
        """Publish a revision, and send `faq_revision_published` in the same transaction."""
        with transaction.atomic():
            super().publish(revision, user=user, **kwargs)
            faq_revision_published.send(sender=type(self), faq=type(self).objects.get(pk=self.pk), user=user)

    def get_workflow(self) -> Workflow | None:
        """Return the workflow of its topic."""
        return self.topic.get_workflow() if self.topic_id else self.get_default_workflow()

    def copy_for_translation(self, locale: Locale, exclude_fields: Any = None) -> "Faq":
        """Return a draft in another language, to be translated. It has no source and no feedback."""
        copy: Faq = super().copy_for_translation(locale, exclude_fields=exclude_fields)
        copy.live, copy.source, copy.source_id, copy.source_digest = False, "", "", ""
        copy.helpful_count = copy.not_helpful_count = 0
        copy.latest_revision = copy.live_revision = None
        copy.first_published_at = copy.last_published_at = None
        copy.topic = self.topic.get_translation_or_none(locale) or self.topic
        return copy

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Return the template of the page that readers will see."""
        return "kb/faq_detail.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Return the context of the draft as a reader would see it."""
        self.answer_html = text.render(self.answer[: text.MAX_LENGTH])
        return {**super().get_preview_context(request, mode_name), "faq": self, "is_preview": True}

    @property
    def tag_list(self) -> tuple[str, ...]:
        """Return the other words as a tuple."""
        return tuple(tag.strip() for tag in self.tags.split(",") if tag.strip())
