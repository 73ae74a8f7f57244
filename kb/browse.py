"""What the pages of the knowledge base show to a viewer. Each function makes a constant number of queries."""

from collections import defaultdict
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q

from accounts.requests import Request
from kb import permissions
from kb.documents import page_url
from kb.models import ArticlePage, Faq, Feedback, HomePage, Origin, TopicPage
from web.http import Viewer

PAGE_SIZE = 30


def home(page: HomePage, viewer: Viewer) -> dict[str, Any]:
    """The disciplines, and the FAQs that helped most."""
    faqs = Faq.objects.visible_to(viewer).filter(locale=page.locale_id)
    root = TopicPage.objects.child_of(page).live().first()
    below = TopicPage.objects.visible_to(viewer).child_of(root) if root else TopicPage.objects.none()
    return {
        "topics_root": root,
        "topics": _with_address(below),
        "helpful_faqs": _with_url(faqs.order_by("-helpful_count", "-last_published_at", "-pk")[:6]),
    }


def topics(page: TopicPage, viewer: Viewer) -> dict[str, Any]:
    """All topics, each with those directly below it and the number of FAQs."""
    visible = list(
        TopicPage.objects.visible_to(viewer)
        .descendant_of(page)
        .select_related("locale")
        .annotate(
            faq_count=Count("faqs", filter=Q(faqs__live=True, faqs__audience__keys__key__in=viewer.keys), distinct=True)
        )
        .order_by("path")
    )
    below: dict[str, list[TopicPage]] = defaultdict(list)
    for topic_page in visible:
        topic_page.address = page_url(topic_page)
        below[topic_page.path[: -TopicPage.steplen]].append(topic_page)
    return {"disciplines": [(first, below[first.path]) for first in below[page.path]]}


def topic(page: TopicPage, request: Request) -> dict[str, Any]:
    """One topic: the way to it, its topics, FAQs and articles."""
    viewer = request.viewer
    faqs = (
        Faq.objects.visible_to(viewer)
        .filter(topic=page)
        .select_related("locale")
        .order_by("-helpful_count", "question")
    )
    articles = ArticlePage.objects.visible_to(viewer).child_of(page).select_related("locale").order_by("path")
    faq_page = Paginator(faqs, PAGE_SIZE).get_page(request.GET.get("page"))
    for article_page in (shown := list(articles)):
        article_page.address = page_url(article_page)
    return {
        "ancestors": ancestors(page),
        "topics": _with_address(TopicPage.objects.visible_to(viewer).child_of(page)),
        "faq_page": faq_page,
        "faqs": _with_url(faq_page.object_list),
        "articles": shown,
    }


def ancestors(page: TopicPage | ArticlePage) -> list[TopicPage]:
    """The topics above a page, the list of all topics first."""
    above = TopicPage.objects.ancestor_of(page).select_related("locale").order_by("path")
    return _addressed(above)


def article(page: ArticlePage, request: Request) -> dict[str, Any]:
    """Beside an article: the way to it, more about the topic, the viewer's feedback."""
    above = ancestors(page)
    near = Faq.objects.visible_to(request.viewer).filter(topic=above[-1]) if above else Faq.objects.none()
    return {
        "ancestors": above,
        "more": _with_url(near.order_by("-helpful_count", "-pk")[:5]),
        "feedback": own_feedback(request, article=page),
        "chat_query": page.title,
    }


def faq(obj: Faq, request: Request) -> dict[str, Any]:
    """Beside an FAQ: the way to it, more about the topic, the viewer's feedback; for staff where it came from."""
    origins: list[Origin] = []
    if permissions.can_see_origins(request.user):
        rows = obj.origins.select_related("audience", "asker")
        origins = [origin for origin in rows if origin.audience.key_set & request.viewer.keys]
    near = Faq.objects.visible_to(request.viewer).filter(topic=obj.topic_id).exclude(pk=obj.pk)
    return {
        "faq": obj,
        "ancestors": [*ancestors(obj.topic), *_addressed([obj.topic])],
        "more": _with_url(near.order_by("-helpful_count", "-pk")[:5]),
        "feedback": own_feedback(request, faq=obj),
        "origins": origins,
        "chat_query": obj.question,
    }


def own_feedback(request: Request, **target: Any) -> Feedback | None:
    """What this person or visitor said before."""
    who = feedback_key(request)
    return Feedback.objects.filter(who=who, **target).first() if who else None


def feedback_key(request: Request) -> str:
    """The audience key that stands for this person or visitor, or "" for a visitor without a cookie."""
    keys = (key for key in request.viewer.keys if key.startswith(("user:", "visitor:")))
    return min(keys, default="")  # "user:…" before "visitor:…"


def _with_url(faqs: Any) -> list[Faq]:
    return list(faqs.select_related("locale"))


def _with_address(pages: Any) -> list[TopicPage]:
    return _addressed(pages.select_related("locale").order_by("path"))


def _addressed(pages: Any) -> list[TopicPage]:
    found = list(pages)
    for page in found:
        page.address = page_url(page)
    return found
