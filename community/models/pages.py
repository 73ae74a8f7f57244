"""The forum's pages: an index beside the knowledge, and the spaces below it. Wagtail serves them."""

from typing import Any, ClassVar

from django.db import models, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.models import Page
from wagtail.models.pages import PagePermissionTester

from accounts.audiences import EMPLOYEES, PUBLIC
from accounts.models import Audience, Team
from accounts.requests import Request
from kb.models import AudiencePage, effective, follow_rows
from search.models.outbox import enqueue_documents


class ForumPage(AudiencePage):
    """A page of the forum: changed by who manages spaces and sees it, without review by curators."""

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        """What Wagtail lets somebody do here: nothing, unless they manage spaces and see it."""
        from community import permissions

        if permissions.can_manage_space(user, self):
            return super().permissions_for_user(user)
        return permissions.NothingHere(user, self)

    def get_workflow(self) -> None:
        """None: a curator who approves a change would be who publishes it."""


class CommunityIndexPage(ForumPage):
    """The front of the forum in one language: its spaces, what was asked last, what waits for an answer."""

    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    template = "community/index.html"
    parent_page_types: ClassVar[list[str]] = ["kb.HomePage"]
    subpage_types: ClassVar[list[str]] = ["community.SpacePage"]
    max_count_per_parent = 1
    content_panels = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")

    def get_context(self, request: Request, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds the spaces and questions this viewer may see."""
        from community import browse

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | browse.index(self, request.viewer)


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
    total: int  # questions the reader may see, and those without answer (browse.index)
    waiting: int

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
        """What people follow to be told of new questions, the same for all its translations."""
        return f"space:{self.translation_key}"

    @property
    def openness(self) -> str:
        """Who reads it, in a word: "public", "employees" or "closed"."""
        keys = self.audience.key_set
        return PUBLIC if PUBLIC in keys else EMPLOYEES if EMPLOYEES in keys else "closed"

    @property
    def is_closed(self) -> bool:
        """Whether only some people read it."""
        return self.openness == "closed"

    # -- showing

    def serve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """One of the lists below, for the space's audience only."""
        self.require_visible_to(request.viewer)
        return super().serve(request, *args, **kwargs)

    @path("", name="latest")
    def latest(self, request: Request) -> HttpResponse:
        """All its questions, what moved last first."""
        return self._list(request, "latest")

    @path(_("unanswered/"), name="unanswered")
    def unanswered(self, request: Request) -> HttpResponse:
        """Questions without any answer."""
        return self._list(request, "unanswered")

    @path(_("solved/"), name="solved")
    def solved(self, request: Request) -> HttpResponse:
        """Questions with an accepted answer."""
        return self._list(request, "solved")

    @path(_("mine/"), name="mine")
    def mine(self, request: Request) -> HttpResponse:
        """What the reader asked here."""
        return self._list(request, "mine")

    def _list(self, request: Request, show: str) -> HttpResponse:
        from community import browse

        return self.render(request, context_overrides=browse.space(self, request, show))

    # -- saving

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Questions of a space that came online or went away are found, or found no longer."""
        with transaction.atomic():
            was_live = SpacePage.objects.filter(pk=self.pk).values_list("live", flat=True).first()
            result = super().save(*args, **kwargs)
            if was_live is not None and was_live != self.live:
                self._mark_questions()
        return result

    def audience_below(self) -> None:
        """Questions follow: never wider than their space; so do aliases."""
        super().audience_below()
        follow_rows(self.questions, self.narrowed)
        self._mark_questions()

    def narrowed(self, own: Audience | None) -> Audience:
        """What holds for a question here with `own` as its choice. No choice means the space's."""
        return effective(own, self.audience)

    def _mark_questions(self) -> None:
        enqueue_documents(*(f"question:{pk}" for pk in self.questions.values_list("pk", flat=True)))
