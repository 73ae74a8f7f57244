"""An FAQ's page, and the preview of its draft."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.audiences import Person
from accounts.requests import Request
from kb import permissions, schema_org
from kb.models import Faq, Feedback, Origin
from kb.models.feedback import feedback_key
from kb.views.pages import Link, ancestors, link_to, more_about
from markup import text


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqContents:
    """The topics above an FAQ, more FAQs about its topic, the viewer's own feedback, and for staff its origins."""

    ancestors: list[Link]
    more: list[Faq]
    feedback: Feedback | None
    origins: list[Origin]


def contents(faq: Faq, viewer: Person) -> FaqContents:
    """Return what stands beside an FAQ for this viewer."""
    near = Faq.objects.visible_to(viewer).filter(topic=faq.topic_id).exclude(pk=faq.pk)
    return FaqContents(
        ancestors=[*ancestors(faq.topic), link_to(faq.topic)],
        more=more_about(near),
        feedback=Feedback.objects.given_by(feedback_key(viewer), faq=faq),
        origins=_origins(faq, viewer),
    )


def _origins(faq: Faq, viewer: Person) -> list[Origin]:
    if not permissions.can_see_origins(viewer):
        return []
    rows = faq.origins.select_related("audience", "asker")
    return [origin for origin in rows if origin.audience.key_set & viewer.keys]


@require_safe
def faq_detail(request: Request, pk: int, slug: str = "") -> HttpResponse:
    """Show an FAQ. The id identifies it; another slug or language redirects to its own address."""
    rows = Faq.objects.visible_to(request.viewer)
    faq = get_object_or_404(rows.select_related("topic__locale", "locale", "audience", "verified_by"), pk=pk)
    if slug != faq.slug or get_language() != faq.language:
        return redirect(faq.get_absolute_url(), permanent=True)
    others = rows.filter(translation_key=faq.translation_key).exclude(pk=faq.pk)
    context = {
        "faq": faq,
        "contents": contents(faq, request.viewer),
        "chat_query": faq.question,
        "translations": {other.language: other.get_absolute_url() for other in others.select_related("locale")},
        "structured": schema_org.faq(faq),
        "can_curate": permissions.can_curate(request.viewer),
    }
    return render(request, "kb/faq_detail.html", context)


@never_cache
@login_required
@require_safe
def draft(request: Request, pk: int) -> HttpResponse:
    """Show the newest draft of an FAQ as readers would see it, to people who may edit it."""
    faq = get_object_or_404(Faq, pk=pk)
    if not permissions.can_edit(request.viewer, faq):
        raise Http404
    shown = faq.get_latest_revision_as_object()
    shown.answer_html = text.render(shown.answer[: text.MAX_LENGTH])
    context = {
        "faq": shown,
        "contents": contents(shown, request.viewer),
        "chat_query": shown.question,
        "is_preview": True,
        "can_publish": permissions.can_curate(request.viewer),
    }
    return render(request, "kb/faq_detail.html", context)
