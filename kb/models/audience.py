"""Pages with an audience: never wider than the page above, enforced wherever a page is shown."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_MoveHandler
from wagtail.admin.forms.pages import CopyForm, WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageManager, PageViewRestriction, get_page_models
from wagtail.query import PageQuerySet

from accounts import audiences
from accounts.audiences import Person
from accounts.fields import AudienceField
from accounts.held import HeldFields
from accounts.models import Audience, AudienceQuerySet, opened_to
from accounts.requests import Request
from accounts.widening import AudienceChange, Audienced, Rows, followed, rehearsal
from accounts.widening_form import WideningForm
from kb.models import drafts
from web.fields import require_readable
from web.http import Viewer
from web.params import readable
from web.scope import reading_as, reading_as_writer


def effective(own: Audience | None, parent: Audience | None) -> Audience:
    """The audience that is stored with a row: its own choice, never wider than its parent's.

    No choice means the parent's; no parent means everyone.
    """
    if own is None or own == parent:
        return parent or Audience.objects.of([audiences.PUBLIC])
    if parent is None:
        return own
    return Audience.objects.of(audiences.narrow(own.key_set, parent.key_set))


def follow_rows(rows: "models.Manager[Any]", narrowed: Callable[[Audience | None], Audience]) -> None:
    """Store with rows below a page what holds for them now. One update for each choice."""
    for own_id in set(rows.order_by().values_list("own_audience", flat=True)):
        audience = narrowed(Audience.objects.filter(pk=own_id).first())
        changing = rows.filter(own_audience=own_id).exclude(audience=audience)
        if pks := list(changing.order_by().values_list("pk", flat=True)):
            changing.update(audience=audience)
            followed(rows.model, pks, audience)


class AudiencePageQuerySet(PageQuerySet, AudienceQuerySet):
    """Pages with an audience."""

    def published(self) -> Self:
        """Pages that are live."""
        return self.live()


AudiencePageManager = PageManager.from_queryset(AudiencePageQuerySet)


def unrevealing(slug: str, parent: Page, page: Page | None = None) -> str:
    """The slug, or with a number behind it where a page has it that whoever writes may not see: a refusal would tell
    that there is such a page."""
    beside = Page._base_manager.filter(path__startswith=parent.path, depth=parent.depth + 1)
    taken = set(beside.exclude(pk=page and page.pk).values_list("slug", flat=True))
    with reading_as_writer():
        seen = slug in taken and parent.get_children().filter(slug=slug).exists()
    if slug not in taken or seen:
        return slug
    return next(free for n in count(2) if (free := f"{slug[:240]}-{n}") not in taken)


class AudiencePageForm(HeldFields, WideningForm, WagtailAdminPageForm):
    """The editor of a page: more readers only after a yes to exactly that."""

    def clean(self) -> dict[str, Any]:
        """A slug tells nothing of hidden pages."""
        if slug := self.cleaned_data.get("slug"):
            self.cleaned_data["slug"] = unrevealing(slug, self.parent_page, self.instance)
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class AudiencePageCopyForm(CopyForm):
    """Where a page is copied to."""

    def clean(self) -> dict[str, Any]:
        """A slug tells nothing of hidden pages, and somebody can read the copy."""
        parent = self.cleaned_data.get("new_parent_page") or self.page.get_parent()
        if slug := self.cleaned_data.get("new_slug"):
            self.cleaned_data["new_slug"] = unrevealing(slug, parent)
        if (title := self.cleaned_data.get("new_title")) and not readable(title):
            self.add_error("new_title", self.fields["new_title"].error_messages["required"])
        cleaned: dict[str, Any] = super().clean()
        above, page = parent.specific, self.page.specific
        if isinstance(above, AudiencePage) and not audiences.narrow(page.audience.key_set, above.audience.key_set):
            self.add_error("new_parent_page", _("Nobody could read the copy there: choose another place."))
        return cleaned


class AudiencePage(Audienced, Page):
    """A page with an audience. `own_audience` is what somebody chose, `audience` what holds.

    Serving, the sitemap and `visible_to` follow `audience`; whoever is not in it sees "not found".
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

    class Meta:
        abstract = True

    def clean(self) -> None:
        """The title can be read."""
        super().clean()
        require_readable(self, "title")

    def settle_audience(self) -> None:
        """Its own choice, never wider than the page above, nor than the source of an alias."""
        self.audience = effective(self.own_audience, self.limit())

    def limit(self) -> Audience | None:
        """That of the page above; of an alias, as far as its source has it: publishing the source fills the alias."""
        parent = self.get_parent().specific if self.depth and self.depth > 1 else None
        above: Audience | None = getattr(parent, "audience", None)
        source = getattr(self.alias_of.specific, "audience", None) if self.alias_of else None
        return effective(source, above) if source else above

    def is_managed_by(self, viewer: Person) -> bool:
        """Whether somebody with the permission reads this page and its newest draft."""
        if not super().is_managed_by(viewer):
            return False
        closed = drafts.newest_is(drafts.closed_pages(opened_to(viewer)), type(self))
        return not type(self)._base_manager.filter(closed, pk=self.pk).exists()

    def audience_below(self) -> None:
        """The pages directly below and the aliases of this page follow, and pass it on."""
        for row in (*self.get_children().specific(), *type(self)._base_manager.filter(alias_of=self.pk)):
            if isinstance(row, AudiencePage):
                row.follow()

    def save_audience(self) -> None:
        """Store what decides about the audience, and no other field."""
        self.save(update_fields=[*self.audience_fields, "audience"], clean=False)

    def follow(self) -> None:
        """What is above changed or is another: the audience follows."""
        self.save(update_fields=["audience"], clean=False)

    def move(self, target: Page, pos: str | None = None, user: Any = None) -> None:
        """Move with everything below; the audience follows in the same transaction, and never gets wider by it.
        Raises NobodyLeft."""
        with transaction.atomic():
            super().move(target, pos=pos, user=user)

    def is_visible_to(self, viewer: Viewer) -> bool:
        """The rule of `visible_to` for one row."""
        return self.live and bool(viewer.keys & self.audience.key_set)

    def require_visible_to(self, viewer: Viewer) -> None:
        """Raise Http404 unless the viewer is in the audience."""
        if not self.is_visible_to(viewer):
            raise Http404

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """None: who may see a page is its audience's business alone."""
        return PageViewRestriction.objects.none()

    def serve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, for its audience only."""
        self.require_visible_to(request.viewer)
        return super().serve(request, *args, **kwargs)

    def get_sitemap_urls(self, request: Request | None = None) -> list[dict[str, Any]]:
        """An entry for pages that everyone may see."""
        if audiences.PUBLIC not in self.audience.key_set:
            return []
        return super().get_sitemap_urls(request)


def audience_models() -> list[type[AudiencePage]]:
    """Every kind of page that has an audience."""
    return [model for model in get_page_models() if issubclass(model, AudiencePage)]


def in_audiences(opened: Any, kinds: Iterable[type[AudiencePage]]) -> models.Q:
    """Of pages: those of these kinds whose audience is one of some (primary keys, or a query for them)."""
    found = models.Q(pk__in=())
    for kind in kinds:
        found |= models.Q(pk__in=kind._base_manager.filter(audience__in=opened).values("pk"))
    return found


class NobodyLeft(ValueError):
    """The move would leave a page, or something below it, without any readers: those rows."""

    def __init__(self, emptied: Rows) -> None:
        super().__init__("rows would be left without readers")
        self.emptied = emptied


def rehearse_move(page: Page, parent: Page) -> AudienceChange | None:
    """What a move below `parent` would change of who may read the page. None: nothing, with everything below it."""
    with reading_as(None), rehearsal() as found:
        MP_MoveHandler(Page._base_manager.get(pk=page.pk), Page._base_manager.get(pk=parent.pk), "last-child").process()
        moved = Page._base_manager.get(pk=page.pk).specific
        if isinstance(moved, AudiencePage):
            moved.follow()
    return found[0] if found else None


def before_move(instance: Page, parent_page_before: Page, parent_page_after: Page, **_signal: Any) -> None:
    """A page is about to come below another one. Raises NobodyLeft."""
    if parent_page_before.pk == parent_page_after.pk:
        return
    if (change := rehearse_move(instance, parent_page_after)) and change.emptied:
        raise NobodyLeft(change.emptied)


def after_move(instance: Page, **_signal: Any) -> None:
    """A page came below another one: its audience follows."""
    page = instance.specific
    if isinstance(page, AudiencePage):
        page.follow()
