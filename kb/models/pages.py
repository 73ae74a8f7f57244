"""Home, topics and articles: Wagtail pages."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from accounts.keys import PUBLIC
from accounts.models import Audience, Team
from accounts.requests import Request
from kb.blocks import article_blocks
from kb.models.audience import AudiencePage, effective, follow_rows, staff_only
from search.models import Findable
from search.models.outbox import enqueue_documents

LIST_OF_TOPICS = 3  # the depth of the page that lists all topics of a language


class HomePage(AudiencePage):
    """The first page of a language: one search field, what others ask, topics, a person."""

    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    template = "kb/home_page.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    content_panels = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class TopicPage(AudiencePage):
    """A topic: holds FAQs, articles and topics. The topic right below the home page lists all others."""

    intro = models.TextField(_("introduction"), blank=True, max_length=600)
    icon = models.CharField(
        _("icon"), max_length=40, blank=True, default="folder", help_text=_("The name of a heroicons.com outline icon.")
    )
    picture = models.ForeignKey(
        "files.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("picture"),
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("kept by")
    )

    template = "kb/topic_page.html"
    search_auto_update = True  # curators look for a topic by its name when they file an FAQ
    parent_page_types: ClassVar[list[str]] = ["kb.HomePage", "kb.TopicPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("icon"),
        FieldPanel("picture"),
        FieldPanel("team"),
    ]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    @property
    def lists_all_topics(self) -> bool:
        """True if this is the list of all topics of a language."""
        return self.depth == LIST_OF_TOPICS

    @property
    def subject(self) -> tuple[str, str]:
        """Return key and title as the subject of what is filed here; empty for the list of all topics."""
        return ("", "") if self.lists_all_topics else (str(self.translation_key), self.title)

    def subject_for(self, readers: frozenset[str]) -> tuple[str, str]:
        """Return `subject` for a document with these readers; empty if one of them may not see the topic."""
        own = self.audience.key_set
        return self.subject if PUBLIC in own or readers <= own else ("", "")

    def get_template(self, request: Request, *args: Any, **kwargs: Any) -> str:
        """Return the template of the list of topics, or of one topic."""
        return "kb/topics.html" if self.lists_all_topics else self.template

    def audience_below(self) -> None:
        """Update the audiences of the pages below and of FAQs: never wider than their topic's."""
        super().audience_below()
        follow_rows(self.faqs, self.narrowed_faq)
        enqueue_documents(*(f"faq:{pk}" for pk in self.faqs.values_list("pk", flat=True)))

    def narrowed_faq(self, own: Audience | None) -> Audience:
        """Return the audience of an FAQ of this topic for which `own` was chosen. No choice means staff only."""
        return effective(own or staff_only(), self.audience)


class ArticlePage(Findable, AudiencePage):
    """A longer text, built from parts."""

    summary = models.TextField(_("summary"), blank=True, max_length=400)
    body = StreamField(article_blocks(), blank=True, verbose_name=_("text"))
    tags = models.CharField(
        _("other words"), max_length=255, blank=True, help_text=_("Words people search with, separated by commas.")
    )
    verified_by = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("checked by")
    )
    verified_at = models.DateTimeField(_("checked on"), null=True, blank=True, default=timezone.now)
    helpful_count = models.PositiveIntegerField(default=0, editable=False)
    not_helpful_count = models.PositiveIntegerField(default=0, editable=False)

    search_kind: ClassVar[str] = "article"
    template = "kb/article_page.html"
    parent_page_types: ClassVar[list[str]] = ["kb.TopicPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldPanel("tags"),
        FieldPanel("verified_by"),
        FieldPanel("verified_at"),
    ]

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def with_content_json(self, content: dict[str, Any]) -> "ArticlePage":
        """Return the article as a revision has it. Feedback stays that of the row."""
        page: ArticlePage = super().with_content_json(content)
        page.helpful_count, page.not_helpful_count = self.helpful_count, self.not_helpful_count
        return page

    def get_context(self, request: Request, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add `chat_query`, the text that a chat begins with."""
        return {**super().get_context(request, *args, **kwargs), "chat_query": self.title}
