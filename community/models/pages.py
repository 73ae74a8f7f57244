"""The forum's Wagtail pages: an index below the home page, and the spaces below it."""

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.models import Locale, Page
from wagtail.models.pages import PagePermissionTester

from accounts.audiences import EMPLOYEES, PUBLIC
from accounts.models import Audience, Team
from accounts.reader_access import person_of
from accounts.requests import Request
from community.models.page_permissions import NoPagePermissions
from kb.models import AudiencePage, effective, follow_rows
from search.models.outbox import enqueue_documents


class ForumPage(AudiencePage):
    """A page of the forum. People who manage spaces and see the page change it, without review by curators."""

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        """Return Wagtail's permissions for people who manage spaces and see this page, none for others."""
        if user.has_perm("community.manage_spaces") and self.audience.key_set & person_of(user).keys:
            return super().permissions_for_user(user)
        return NoPagePermissions(user, self)

    def get_workflow(self) -> None:
        """Return None: a curator who approves a change would publish it without managing spaces."""


class CommunityIndexPage(ForumPage):
    """The front of the forum in one language: its spaces, the latest questions, and those without an answer."""

    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    template = "community/index.html"
    parent_page_types: ClassVar[list[str]] = ["kb.HomePage"]
    subpage_types: ClassVar[list[str]] = ["community.SpacePage"]
    max_count_per_parent = 1
    content_panels = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")

    @classmethod
    def of_language(cls, code: str) -> Self | None:
        """Return the live community page of a language."""
        found: Self | None = cls.objects.live().in_language(code).order_by("path").first()
        return found


class SpacePage(RoutablePageMixin, ForumPage):
    """A place for questions of a unit or about a topic, open or closed by its audience.

    Its translations share their questions: each is asked in one of them and listed in all.
    """

    intro = models.TextField(_("introduction"), blank=True, max_length=600)
    picture = models.ForeignKey(
        "files.Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("team that keeps an eye on it"),
        help_text=_("Its members are told of each new question."),
    )
    topic = models.ForeignKey(
        "kb.TopicPage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("topic"),
        help_text=_("The topic of questions for which the asker chose none."),
    )

    widen_permission: ClassVar[str] = "community.manage_spaces"
    template = "community/space.html"
    parent_page_types: ClassVar[list[str]] = ["community.CommunityIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("picture"),
        FieldPanel("team"),
        FieldPanel("topic"),
    ]

    class Meta:
        verbose_name = _("space")
        verbose_name_plural = _("spaces")

    @property
    def follow_key(self) -> str:
        """Return the key that people follow to be told of new questions, the same for all translations."""
        return f"space:{self.translation_key}"

    @property
    def openness(self) -> str:
        """Return who reads it: "public", "employees" or "closed"."""
        keys = self.audience.key_set
        return PUBLIC if PUBLIC in keys else EMPLOYEES if EMPLOYEES in keys else "closed"

    def in_active_language(self) -> Self:
        """Return the translation in the active language if it is live and has the same audience, else this space."""
        if self.locale_id == Locale.get_active().pk:
            return self
        others = type(self).objects.live().filter(translation_key=self.translation_key, locale=Locale.get_active())
        found: Self | None = others.filter(audience=self.audience_id).first()
        return found or self

    # -- showing

    def serve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve one of the lists below to the space's audience. Raises Http404 for others."""
        self.require_visible_to(request.viewer)
        return super().serve(request, *args, **kwargs)

    @path("", name="latest")
    def latest(self, request: Request) -> HttpResponse:
        """Show all its questions, the latest activity first."""
        return self.render(request, show="latest")

    @path(_("unanswered/"), name="unanswered")
    def unanswered(self, request: Request) -> HttpResponse:
        """Show the questions without an answer."""
        return self.render(request, show="unanswered")

    @path(_("solved/"), name="solved")
    def solved(self, request: Request) -> HttpResponse:
        """Show the questions with an accepted answer."""
        return self.render(request, show="solved")

    @path(_("mine/"), name="mine")
    def mine(self, request: Request) -> HttpResponse:
        """Show what the reader asked here."""
        return self.render(request, show="mine")

    # -- saving

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the page. When it goes online or offline, reindex its questions."""
        with transaction.atomic():
            was_live = SpacePage.objects.filter(pk=self.pk).values_list("live", flat=True).first()
            result = super().save(*args, **kwargs)
            if was_live is not None and was_live != self.live:
                self._mark_questions()
        return result

    def audience_below(self) -> None:
        """Update the audiences of questions (never wider than their space's) and of aliases."""
        super().audience_below()
        follow_rows(self.questions, self.narrowed)
        self._mark_questions()

    def narrowed(self, own: Audience | None) -> Audience:
        """Return the audience of a question here for which `own` was chosen. No choice means the space's."""
        return effective(own, self.audience)

    def _mark_questions(self) -> None:
        enqueue_documents(*(f"question:{pk}" for pk in self.questions.values_list("pk", flat=True)))
