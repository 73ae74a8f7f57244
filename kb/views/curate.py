"""The curator's home, and an agent's own FAQs."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import CharField, F, QuerySet
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import WorkflowState

from accounts.audiences import Person
from accounts.models import User
from accounts.requests import Request
from kb import permissions
from kb.models import Faq, Feedback

ROWS = 50


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft in review."""

    faq: Faq
    title: str
    submitted: datetime
    requested_by: User | None


@dataclass(frozen=True, slots=True)
class OwnFaq:
    """An FAQ in its owner's list."""

    faq: Faq
    title: str
    in_review: bool


def _in_review() -> QuerySet[WorkflowState]:
    return WorkflowState.objects.filter(
        base_content_type__app_label="kb", base_content_type__model="faq", status=WorkflowState.STATUS_IN_PROGRESS
    )


def waiting_drafts(viewer: Person) -> list[WaitingDraft]:
    """Return the drafts in review that the viewer may edit, the longest waiting first."""
    editable = Faq.objects.editable_by(viewer).annotate(key=Cast("pk", CharField(max_length=255))).values("key")
    in_review = _in_review().filter(object_id__in=editable)
    states = list(in_review.select_related("requested_by").order_by("created_at")[:ROWS])
    rows = Faq.objects.select_related("topic", "locale", "latest_revision", "own_audience").in_bulk(
        [int(state.object_id) for state in states]
    )
    return [
        WaitingDraft(faq, _draft_title(faq), state.created_at, state.requested_by)
        for state in states
        if (faq := rows.get(int(state.object_id)))
    ]


def _draft_title(faq: Faq) -> str:
    return faq.latest_revision.object_str if faq.latest_revision else faq.question


@never_cache
@login_required
@require_safe
def home(request: Request) -> HttpResponse:
    """Show the curator's work: drafts to review, what did not help, what was published last."""
    if not permissions.can_curate(request.viewer):
        raise Http404
    missed = Feedback.objects.about_visible(request.viewer).filter(helpful=False).exclude(reason="")
    published = Faq.objects.visible_to(request.viewer).select_related("locale", "topic")
    context = {
        "waiting": waiting_drafts(request.viewer),
        "missed": missed.select_related("faq__locale", "article__locale")[:20],
        "least_helpful": published.filter(not_helpful_count__gt=F("helpful_count")).order_by("-not_helpful_count")[:10],
        "published": published.order_by("-last_published_at")[:10],
    }
    return render(request, "kb/curate.html", context)


@never_cache
@login_required
@require_safe
def drafts(request: Request) -> HttpResponse:
    """Show the FAQs that the viewer owns and may read, drafts included, with their status."""
    if not permissions.can_draft(request.viewer):
        raise Http404
    readable = Faq.objects.editable_by(request.viewer) | Faq.objects.visible_to(request.viewer)
    mine = readable.filter(owner=request.user).select_related("topic", "locale", "latest_revision")
    rows = list(mine.order_by("-created")[:ROWS])
    in_review = set(
        _in_review().filter(object_id__in=[str(faq.pk) for faq in rows]).values_list("object_id", flat=True)
    )
    own = [OwnFaq(faq, faq.question if faq.live else _draft_title(faq), str(faq.pk) in in_review) for faq in rows]
    return render(request, "kb/drafts.html", {"own": own})
