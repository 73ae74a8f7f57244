"""Who may see a draft. A revision holds the audience that its author chose, which may be narrower than the audience of
its row. The draft, shown in place of the row, is only for people who are in both.

/cms/, the curators' pages, previews and review mail all use this rule.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, IntegerField, Model, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, NullIf
from wagtail.models import Page, Revision

from accounts.audiences import STAFF
from web.http import Viewer

Audiences = Collection[int] | QuerySet[Any]  # primary keys, or a query for them


def with_chosen(drafts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Annotate revisions with the audience and the topic that were chosen in them."""
    return drafts.annotate(_own=_number("own_audience"), _topic=_number("topic"))


def _number(name: str) -> Cast:
    # SQLite returns JSON's null as the text "null", which it would cast to 0.
    return Cast(NullIf(KeyTextTransform(name, "content"), Value("null")), IntegerField())


def drafts_of(model: type[Model]) -> "QuerySet[Any]":
    """Return all revisions of pages or of another model, `with_chosen`."""
    kind = ContentType.objects.get_for_model(Page if issubclass(model, Page) else model)
    return with_chosen(Revision._base_manager.filter(base_content_type=kind))


def closed_pages(opened: Audiences) -> Q:
    """Match revisions of pages whose chosen audience is not among those opened to the viewer."""
    return Q(_own__isnull=False) & ~Q(_own__in=opened)


def closed_faqs(viewer: Viewer, opened: Audiences, topics: "QuerySet[Any]") -> Q:
    """Match revisions of FAQs that are closed to the viewer. No choice means staff. The topic may differ from the
    row's; `topics` are those that the viewer sees."""
    nothing = Q(pk__in=()) if STAFF in viewer.keys else Q(_own__isnull=True)
    return nothing | closed_pages(opened) | ~Q(_topic__in=topics)


def newest_is(closed: Q, model: type[Model]) -> Q:
    """Match the rows of `model` whose newest draft matches `closed`."""
    return Q(Exists(drafts_of(model).filter(closed, pk=OuterRef("latest_revision_id"))))
