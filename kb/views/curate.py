"""Drafts and what readers say of the knowledge: the curator's home, and an agent's own drafts."""

from django.contrib.auth.decorators import login_required
from django.db.models import CharField, F, QuerySet
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import WorkflowState

from accounts.audiences import Person
from accounts.requests import Request
from kb import browse, permissions
from kb.models import Faq, Feedback
from markup import text

ROWS = 50


def _in_review() -> QuerySet[WorkflowState]:
    return WorkflowState.objects.filter(
        base_content_type__app_label="kb", base_content_type__model="faq", status=WorkflowState.STATUS_IN_PROGRESS
    )


def waiting_faqs(viewer: Person) -> list[Faq]:
    """Drafts in review that the viewer may edit, the longest waiting first, each with `submitted` (when) and
    `requested_by`."""
    editable = Faq.objects.editable_by(viewer).annotate(key=Cast("pk", CharField(max_length=255))).values("key")
    in_review = _in_review().filter(object_id__in=editable)
    states = list(in_review.select_related("requested_by").order_by("created_at")[:ROWS])
    rows = Faq.objects.select_related("topic", "locale", "latest_revision", "own_audience").in_bulk(
        [int(state.object_id) for state in states]
    )
    found = []
    for state in states:
        if faq := rows.get(int(state.object_id)):
            faq.submitted, faq.requested_by = state.created_at, state.requested_by
            faq.draft_title = _draft_title(faq)
            found.append(faq)
    return found


def _draft_title(faq: Faq) -> str:
    return faq.latest_revision.object_str if faq.latest_revision else faq.question


@never_cache
@login_required
@require_safe
def home(request: Request) -> HttpResponse:
    """What the organisation needs to know next: drafts to review, what did not help, what was published."""
    if not permissions.can_curate(request.user):
        raise Http404
    missed = Feedback.objects.about_visible(request.viewer).filter(helpful=False).exclude(reason="")
    published = Faq.objects.visible_to(request.viewer).select_related("locale", "topic")
    context = {
        "waiting": waiting_faqs(request.viewer),
        "missed": missed.select_related("faq__locale", "article__locale")[:20],
        "least_helpful": published.filter(not_helpful_count__gt=F("helpful_count")).order_by("-not_helpful_count")[:10],
        "published": published.order_by("-last_published_at")[:10],
    }
    return render(request, "kb/curate.html", context)


@never_cache
@login_required
@require_safe
def drafts(request: Request) -> HttpResponse:
    """What whoever looks after FAQs may read of them, drafts too, and where each stands."""
    if not permissions.can_draft(request.user):
        raise Http404
    readable = Faq.objects.editable_by(request.viewer) | Faq.objects.visible_to(request.viewer)
    mine = readable.filter(owner=request.user).select_related("topic", "locale", "latest_revision")
    rows = list(mine.order_by("-created")[:ROWS])
    in_review = set(
        _in_review().filter(object_id__in=[str(faq.pk) for faq in rows]).values_list("object_id", flat=True)
    )
    for faq in rows:
        faq.in_review = str(faq.pk) in in_review
        faq.title = faq.question if faq.live else _draft_title(faq)
    return render(request, "kb/drafts.html", {"faqs": rows})


@never_cache
@login_required
@require_safe
def draft(request: Request, pk: int) -> HttpResponse:
    """The latest draft of an FAQ as readers would see it, for whoever may edit it."""
    faq = get_object_or_404(Faq, pk=pk)
    if not permissions.can_edit(request.user, faq):
        raise Http404
    shown = faq.get_latest_revision_as_object()
    shown.answer_html = text.render(shown.answer[: text.MAX_LENGTH])
    context = {**browse.faq(shown, request), "is_preview": True, "can_publish": permissions.can_curate(request.user)}
    return render(request, "kb/faq_detail.html", context)
