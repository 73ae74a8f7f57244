"""Forms of the editors under /cms/ for pages and FAQs."""

from itertools import count
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.forms.pages import CopyForm, WagtailAdminPageForm
from wagtail.models import Page

from accounts import audiences
from accounts.backends import people_with
from accounts.models import User
from accounts.reader_access import VisibleReferencesMixin
from accounts.widening_form import WideningForm
from web.params import readable
from web.scope import reading_as_writer


def free_slug(slug: str, parent: Page, page: Page | None = None) -> str:
    """Return the slug, with a number behind it when a page has it that the editor may not see.

    An error message would reveal that there is such a page.
    """
    beside = Page._base_manager.filter(path__startswith=parent.path, depth=parent.depth + 1)
    taken = set(beside.exclude(pk=page and page.pk).values_list("slug", flat=True))
    with reading_as_writer():
        seen = slug in taken and parent.get_children().filter(slug=slug).exists()
    if slug not in taken or seen:
        return slug
    return next(free for n in count(2) if (free := f"{slug[:240]}-{n}") not in taken)


class AudiencePageForm(VisibleReferencesMixin, WideningForm, WagtailAdminPageForm):
    """The editor of a page. It asks for confirmation before more people can read the page."""

    def clean(self) -> dict[str, Any]:
        """Choose a slug that does not reveal hidden pages."""
        if slug := self.cleaned_data.get("slug"):
            self.cleaned_data["slug"] = free_slug(slug, self.parent_page, self.instance)
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class AudiencePageCopyForm(CopyForm):
    """The form that copies a page."""

    def clean(self) -> dict[str, Any]:
        """Choose a slug that does not reveal hidden pages. Refuse a copy that nobody could read."""
        parent = self.cleaned_data.get("new_parent_page") or self.page.get_parent()
        if slug := self.cleaned_data.get("new_slug"):
            self.cleaned_data["new_slug"] = free_slug(slug, parent)
        if (title := self.cleaned_data.get("new_title")) and not readable(title):
            self.add_error("new_title", self.fields["new_title"].error_messages["required"])
        cleaned: dict[str, Any] = super().clean()
        above, page = getattr(parent.specific, "audience", None), self.page.specific
        if above is not None and not audiences.narrow(page.audience.key_set, above.key_set):
            self.add_error("new_parent_page", _("Nobody could read the copy there: choose another place."))
        return cleaned


class FaqForm(VisibleReferencesMixin, WideningForm, WagtailAdminModelForm):
    """The editor of an FAQ. It asks for confirmation before more people can read the FAQ, and offers as owners the
    people who may write drafts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            writers = models.Q(pk__in=people_with("kb.draft_faq").values("pk"))
            people = User.objects.filter(writers | models.Q(pk=getattr(self.instance, "owner_id", None)))
            self.fields["owner"].queryset = people.order_by("name", "pk")
