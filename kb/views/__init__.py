"""Pages that readers see."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.requests import Request
from kb import browse, permissions, schema_org
from kb.models import Faq, TopicPage


@require_safe
def topics(request: Request) -> HttpResponse:
    """The list of all topics of the address's language: a page of Wagtail's with an address of its own."""
    root = TopicPage.objects.filter(depth=3, locale__language_code=get_language()).first()
    if root is None:
        raise Http404
    context = root.get_context(request)
    root.require_visible_to(request.viewer)
    return render(request, root.get_template(request), context)


def visible_faq(request: Request, pk: int) -> Faq:
    """The published FAQ, or Http404 when it does not exist or is not for this viewer."""
    rows = Faq.objects.visible_to(request.viewer).select_related("topic__locale", "locale", "audience", "verified_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def faq_detail(request: Request, pk: int, slug: str = "") -> HttpResponse:
    """An FAQ. The id decides; another slug or language redirects to the FAQ's own address."""
    faq = visible_faq(request, pk)
    if slug != faq.slug or get_language() != faq.language:
        return redirect(faq.get_absolute_url(), permanent=True)
    context: dict[str, Any] = browse.faq(faq, request)
    others = Faq.objects.visible_to(request.viewer).filter(translation_key=faq.translation_key).exclude(pk=faq.pk)
    context["translations"] = {other.language: other.get_absolute_url() for other in others.select_related("locale")}
    context["structured"] = schema_org.faq(faq)
    context["can_curate"] = permissions.can_curate(request.user)
    return render(request, "kb/faq_detail.html", context)
