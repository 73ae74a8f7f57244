"""Which pages, FAQs, revisions and related rows exist for a reader under /cms/ (`web.scope`).

A row exists for people in its audience, draft or not; permissions decide what they may do with it. A row whose newest
draft is closed to somebody (`kb.models.drafts`) does not exist for them, since /cms/ shows the draft's title in its
place.
"""

from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision, TaskState, WorkflowState

import files.row_filters
from accounts.audiences import Person
from accounts.reader_access import audience_ids
from kb.models import Faq, drafts
from kb.models.audience import audience_models, in_audiences
from kb.models.faq_access import closed_drafts, entrusted
from web.scope import Reader, filter_rows, rows_of

Keys = QuerySet[Any]


MANY = 200  # more keys than this in every statement of a page cost more than querying again


def pages(reader: Reader) -> Keys:
    """Select the root, which has no content, and the pages in whose audience the reader is; no pages of other kinds."""
    opened = audience_ids(reader)
    seen = Q(depth=1) | in_audiences(opened, audience_models())
    return Page._base_manager.filter(seen).exclude(_closed_draft(reader, Page, _closed_pages(reader))).values("pk")


def faqs(reader: Reader) -> Keys:
    """Select the FAQs in whose audience the reader is, and those entrusted to them
    (`kb.models.faq_access.entrusted`)."""
    opened = audience_ids(reader)
    mine = Q(audience__in=opened) | entrusted(cast(Person, reader.viewer), opened)
    return Faq._base_manager.filter(mine & ~_closed_draft(reader, Faq, _closed_faqs(reader))).values("pk")


def _closed_draft(reader: Reader, model: type[Model], closed: Q) -> Q:
    """Match rows whose newest draft is closed to the reader. A draft's audience is inside its JSON, which is slow to
    read for all rows, so the few such rows are queried once for each reader."""
    known = "closed drafts", model
    if known not in reader.memo:
        newest = drafts.drafts_of(model).filter(closed).values("pk")
        rows = model._base_manager.filter(latest_revision__in=newest)
        reader.memo[known] = list(rows.values_list("pk", flat=True)[: MANY + 1])
    if len(reader.memo[known]) <= MANY:
        return Q(pk__in=reader.memo[known])
    return drafts.newest_is(closed, model)


def _closed_pages(reader: Reader) -> Q:
    return drafts.closed_pages(audience_ids(reader))


def _closed_faqs(reader: Reader) -> Q:
    return closed_drafts(reader.viewer, audience_ids(reader))


def _of_held(reader: Reader) -> Q:
    """Match generic relations (content type and key) to rows that exist for the reader."""
    found = Q(pk__in=())
    for model in (Page, Faq):
        rows = model._base_manager.filter(pk__in=rows_of(model, reader))
        keys = rows.annotate(_key=Cast("pk", CharField())).values("_key")
        found |= Q(base_content_type=ContentType.objects.get_for_model(model), object_id__in=keys)
    return found


def revisions(reader: Reader) -> Keys:
    """Select the revisions of rows that exist for the reader, if the revision's own audience includes them."""
    rows = drafts.with_chosen(Revision._base_manager.filter(_of_held(reader)))
    of_faq = Q(base_content_type=ContentType.objects.get_for_model(Faq))
    return rows.exclude(_closed_pages(reader) | of_faq & _closed_faqs(reader)).values("pk")


def workflow_states(reader: Reader) -> Keys:
    """Select the reviews of rows that exist for the reader."""
    return WorkflowState._base_manager.filter(_of_held(reader)).values("pk")


def task_states(reader: Reader) -> Keys:
    """Select the steps of those reviews."""
    return TaskState._base_manager.filter(workflow_state__in=rows_of(WorkflowState, reader)).values("pk")


def references(reader: Reader) -> Keys:
    """Select the references from rows that exist for the reader. What is neither page nor FAQ has no audience."""
    kinds = [ContentType.objects.get_for_model(model) for model in (Page, Faq)]
    other = ~Q(base_content_type__in=kinds)
    return ReferenceIndex._base_manager.filter(_of_held(reader) | other).values("pk")


def page_log(reader: Reader) -> Keys:
    """Select the log entries of pages that exist for the reader."""
    return PageLogEntry._base_manager.filter(page__in=rows_of(Page, reader)).values("pk")


def redirects(reader: Reader) -> Keys:
    """Select redirects to an address, or to a page that exists for the reader."""
    return Redirect._base_manager.filter(Q(redirect_page=None) | Q(redirect_page__in=rows_of(Page, reader))).values(
        "pk"
    )


def hold_all() -> None:
    """Register the rules. Called once, when apps are ready."""
    cuts = {
        Page: pages,
        Faq: faqs,
        Revision: revisions,
        WorkflowState: workflow_states,
        TaskState: task_states,
        ReferenceIndex: references,
        PageLogEntry: page_log,
        Redirect: redirects,
    }
    for model, cut in cuts.items():
        filter_rows(model, cut)
    files.row_filters.MODELS_USING_FILES.extend([Page, Faq])
