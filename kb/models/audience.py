"""Pages with an audience: never wider than the page above, checked wherever a page is shown."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageManager, PageViewRestriction, get_page_models
from wagtail.query import PageQuerySet

from accounts import audiences
from accounts.audiences import Person
from accounts.fields import AudienceField
from accounts.models import Audience, AudienceQuerySet, opened_to
from accounts.requests import Request
from accounts.widening import Audienced, followed
from kb.models import drafts
from kb.models.editors import AudiencePageCopyForm, AudiencePageForm
from web.fields import require_readable
from web.http import Viewer

Contents = TypeVar("Contents", bound=Callable[..., object])


def effective(own: Audience | None, parent: Audience | None) -> Audience:
    """Return the audience to store with a row: its own choice, never wider than its parent's.

    No choice means the parent's; no parent means everyone.
    """
    if own is None or own == parent:
        return parent or Audience.objects.of([audiences.PUBLIC])
    if parent is None:
        return own
    return Audience.objects.of(audiences.narrow(own.key_set, parent.key_set))


def staff_only() -> Audience:
    """Return the audience of an FAQ for which nobody chose one."""
    return Audience.objects.of([audiences.STAFF])


def follow_rows(rows: "models.Manager[Any]", narrowed: Callable[[Audience | None], Audience]) -> None:
    """Update the stored audience of rows below a page. One UPDATE for each distinct choice."""
    for own_id in set(rows.order_by().values_list("own_audience", flat=True)):
        audience = narrowed(Audience.objects.filter(pk=own_id).first())
        changing = rows.filter(own_audience=own_id).exclude(audience=audience)
        if pks := list(changing.order_by().values_list("pk", flat=True)):
            changing.update(audience=audience)
            followed(rows.model, pks, audience)


class AudiencePageQuerySet(PageQuerySet, AudienceQuerySet):
    """Pages with an audience."""

    def published(self) -> Self:
        """Return the pages that are live."""
        return self.live()

    def in_language(self, code: str) -> Self:
        """Return the pages written in a language."""
        return self.filter(locale__language_code=code)


AudiencePageManager = PageManager.from_queryset(AudiencePageQuerySet)


class AudiencePage(Audienced, Page):
    """A page with an audience. `own_audience` is what somebody chose, `audience` what is in force.

    Serving, the sitemap and `visible_to` follow `audience`; for everybody else the page is "not found". The function
    that reads what a kind of page shows is connected to it by `shows`, so that models need no reading code.
    """

    own_audience = AudienceField(
        null=True, blank=True, help_text=_("Nothing chosen: the same as the page above. Never wider than that page.")
    )
    audience = AudienceField(editable=False)

    objects = AudiencePageManager()
    base_form_class = AudiencePageForm
    above: ClassVar[Any] = _("The page above")
    copy_form_class: ClassVar[type[CopyForm]] = AudiencePageCopyForm
    widen_permission: ClassVar[str] = "kb.widen_audience"
    search_auto_update = False
    private_page_options: list[str] = []
    settings_panels = [FieldPanel("own_audience"), *Page.settings_panels]
    contents: ClassVar[Callable[..., object] | None] = None

    class Meta:
        abstract = True

    @classmethod
    def shows(cls, contents: Contents) -> Contents:
        """Decorate the function that returns what this kind of page shows: `contents(page, request, **route)`.

        Templates find its result in `contents`.
        """
        cls.contents = staticmethod(contents)
        return contents

    def get_context(self, request: Request, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the template's context, with `contents`."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        if self.contents is not None:
            context["contents"] = self.contents(self, request, **kwargs)
        return context

    def clean(self) -> None:
        """Require a readable title."""
        super().clean()
        require_readable(self, "title")

    def settle_audience(self) -> None:
        """Set `audience`: the page's own choice, never wider than the page above or than the source of an alias."""
        self.audience = effective(self.own_audience, self.limit())

    def limit(self) -> Audience | None:
        """Return the audience of the page above. For an alias it is narrowed to that of its source, because publishing
        the source fills the alias."""
        parent = self.get_parent().specific if self.depth and self.depth > 1 else None
        above: Audience | None = getattr(parent, "audience", None)
        source = getattr(self.alias_of.specific, "audience", None) if self.alias_of else None
        return effective(source, above) if source else above

    def is_managed_by(self, viewer: Person) -> bool:
        """True if the viewer may read this page and its newest draft."""
        if not super().is_managed_by(viewer):
            return False
        closed = drafts.newest_is(drafts.closed_pages(opened_to(viewer)), type(self))
        return not type(self)._base_manager.filter(closed, pk=self.pk).exists()

    def audience_below(self) -> None:
        """Update the audiences of the pages directly below and of this page's aliases; they update those below them."""
        for row in (*self.get_children().specific(), *type(self)._base_manager.filter(alias_of=self.pk)):
            if isinstance(row, AudiencePage):
                row.follow()

    def save_audience(self) -> None:
        """Store the fields that decide about the audience, and no others."""
        self.save(update_fields=[*self.audience_fields, "audience"], clean=False)

    def follow(self) -> None:
        """Update the audience after the page above changed, or after a move."""
        self.save(update_fields=["audience"], clean=False)

    def move(self, target: Page, pos: str | None = None, user: Any = None) -> None:
        """Move the page with everything below it. The audience follows in the same transaction and never gets wider.
        Raises NobodyLeft."""
        with transaction.atomic():
            super().move(target, pos=pos, user=user)

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Apply the rule of `visible_to` to this page."""
        return self.live and bool(viewer.keys & self.audience.key_set)

    def require_visible_to(self, viewer: Viewer) -> None:
        """Raise Http404 unless the viewer is in the audience."""
        if not self.is_visible_to(viewer):
            raise Http404

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """Return none: the audience alone decides who may see a page."""
        return PageViewRestriction.objects.none()

    def serve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the page to its audience. Raises Http404 for others."""
        self.require_visible_to(request.viewer)
        return super().serve(request, *args, **kwargs)

    def get_sitemap_urls(self, request: Request | None = None) -> list[dict[str, Any]]:
        """Return an entry if everyone may see the page."""
        if audiences.PUBLIC not in self.audience.key_set:
            return []
        return super().get_sitemap_urls(request)


def audience_models() -> list[type[AudiencePage]]:
    """Return every kind of page that has an audience."""
    return [model for model in get_page_models() if issubclass(model, AudiencePage)]


def in_audiences(opened: Any, kinds: Iterable[type[AudiencePage]]) -> models.Q:
    """Match the pages of these kinds whose audience is among `opened` (primary keys, or a query for them)."""
    found = models.Q(pk__in=())
    for kind in kinds:
        found |= models.Q(pk__in=kind._base_manager.filter(audience__in=opened).values("pk"))
    return found
