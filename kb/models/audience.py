"""Pages with an audience: never wider than the page above, enforced wherever a page is shown."""

from typing import Any, Self

from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet

from accounts import audiences
from accounts.audiences import Viewer
from accounts.fields import AudienceField
from accounts.held import HeldFields
from accounts.models import Audience, AudienceQuerySet
from accounts.requests import Request


def effective(own: Audience | None, parent: Audience | None) -> Audience:
    """The audience that is stored with a row: its own choice, never wider than its parent's.

    No choice means the parent's; no parent means everyone.
    """
    if own is None or own == parent:
        return parent or Audience.objects.of([audiences.PUBLIC])
    if parent is None:
        return own
    return Audience.objects.of(audiences.narrow(own.key_set, parent.key_set))


class AudiencePageQuerySet(PageQuerySet, AudienceQuerySet):
    """Pages with an audience."""

    def published(self) -> Self:
        """Pages that are live."""
        return self.live()


AudiencePageManager = PageManager.from_queryset(AudiencePageQuerySet)


class PageForm(HeldFields, WagtailAdminPageForm):
    """The form of a page under /cms/."""


class AudiencePage(Page):
    """A page with an audience. `own_audience` is what somebody chose, `audience` what holds.

    Serving, the sitemap and `visible_to` follow `audience`; whoever is not in it sees "not found".
    """

    own_audience = AudienceField(
        null=True, blank=True, help_text=_("Nothing chosen: the same as the page above. Never wider than that page.")
    )
    audience = AudienceField(editable=False)

    objects = AudiencePageManager()
    base_form_class = PageForm
    search_auto_update = False
    private_page_options: list[str] = []
    settings_panels = [FieldPanel("own_audience"), *Page.settings_panels]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Store the effective audience with the page; when it changed, with everything below as well."""
        fields = kwargs.get("update_fields")
        if fields is not None and not {"own_audience", "audience"} & set(fields):
            return super().save(*args, **kwargs)
        with transaction.atomic():
            before = type(self)._base_manager.filter(pk=self.pk).values_list("audience_id", flat=True).first()
            self.audience = effective(self.own_audience, self._parent_audience())
            if fields is not None:
                kwargs["update_fields"] = {*fields, "audience"}
            result = super().save(*args, **kwargs)
            if before is not None and before != self.audience_id:
                self.narrow_below()
        return result

    def _parent_audience(self) -> Audience | None:
        parent = self.get_parent().specific if self.depth and self.depth > 1 else None
        return getattr(parent, "audience", None)

    def narrow_below(self) -> None:
        """Store the audience again with the pages directly below (they pass it on) and with `narrow_content`."""
        self.narrow_content()
        for child in self.get_children().specific():
            if isinstance(child, AudiencePage):
                child.save(update_fields=["audience"], clean=False)

    def move(self, target: Page, pos: str | None = None, user: Any = None) -> None:
        """Move with everything below; the audience follows in the same transaction."""
        with transaction.atomic():
            super().move(target, pos=pos, user=user)

    def narrow_content(self) -> None:
        """Called when this page's audience changed: rewrite rows that hang below it and are no pages."""

    def require_visible_to(self, viewer: Viewer) -> None:
        """Raise Http404 unless the viewer is in the audience."""
        if not (self.live and viewer.keys & self.audience.key_set):
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


def after_move(instance: Page, **_signal: Any) -> None:
    """A page came below another one: its audience follows."""
    page = instance.specific
    if isinstance(page, AudiencePage):
        page.save(update_fields=["audience"], clean=False)
