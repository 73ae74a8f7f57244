"""What the Wagtail pages show: home, topics and articles. Each function makes a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.requests import Request
from kb.addresses import page_url
from kb.models import ArticlePage, AudiencePageQuerySet, Faq, Feedback, HomePage, TopicPage
from kb.models.faq_access import FaqQuerySet
from kb.models.feedback import feedback_key
from kb.models.pages import LIST_OF_TOPICS

PAGE_SIZE = 30
MORE = 5  # FAQs beside an article or FAQ


@dataclass(frozen=True, slots=True)
class Link:
    """A page above this one."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class TopicCard:
    """A topic in a list."""

    pk: int
    title: str
    url: str
    icon: str
    intro: str
    faq_count: int = 0


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article in a list."""

    title: str
    url: str
    summary: str


@dataclass(frozen=True, slots=True)
class Discipline:
    """A topic with the topics directly below it."""

    topic: TopicCard
    below: list[TopicCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContents:
    """The disciplines, and the FAQs that helped most."""

    topics: list[TopicCard]
    helpful_faqs: list[Faq]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicListContents:
    """All topics of a language."""

    disciplines: list[Discipline]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicContents:
    """The topics above a topic and below it, its FAQs and its articles."""

    ancestors: list[Link]
    topics: list[TopicCard]
    faq_page: ListPage[Faq]
    faqs: list[Faq]
    articles: list[ArticleLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleContents:
    """The topics above an article, more FAQs about its topic, and the viewer's own feedback."""

    ancestors: list[Link]
    more: list[Faq]
    feedback: Feedback | None


@HomePage.shows
def home(page: HomePage, request: Request) -> HomeContents:
    """Return what a home page shows to this viewer."""
    viewer = request.viewer
    faqs = Faq.objects.visible_to(viewer).filter(locale=page.locale_id)
    root = TopicPage.objects.child_of(page).live().first()
    below = TopicPage.objects.visible_to(viewer).child_of(root) if root else TopicPage.objects.none()
    return HomeContents(
        topics=topic_cards(below),
        helpful_faqs=list(faqs.select_related("locale").order_by("-helpful_count", "-last_published_at", "-pk")[:6]),
    )


@TopicPage.shows
def topic(page: TopicPage, request: Request) -> TopicListContents | TopicContents:
    """Return what a topic, or the list of all topics, shows to this viewer."""
    return _all_topics(page, request) if page.lists_all_topics else _one_topic(page, request)


def _all_topics(page: TopicPage, request: Request) -> TopicListContents:
    viewer = request.viewer
    readable = Q(faqs__live=True, faqs__audience__keys__key__in=viewer.keys)
    visible = list(
        TopicPage.objects.visible_to(viewer)
        .descendant_of(page)
        .select_related("locale")
        .annotate(readable_faqs=Count("faqs", filter=readable, distinct=True))
        .order_by("path")
    )
    below: defaultdict[str, list[TopicPage]] = defaultdict(list)
    for each in visible:
        below[each.path[: -TopicPage.steplen]].append(each)
    counts = {each.pk: each.readable_faqs for each in visible}
    return TopicListContents(
        disciplines=[Discipline(_card(first), _cards(below[first.path], counts)) for first in below[page.path]]
    )


def _one_topic(page: TopicPage, request: Request) -> TopicContents:
    viewer = request.viewer
    faqs = Faq.objects.visible_to(viewer).filter(topic=page).select_related("locale")
    articles = ArticlePage.objects.visible_to(viewer).child_of(page).select_related("locale").order_by("path")
    faq_page = Paginator(faqs.order_by("-helpful_count", "question"), PAGE_SIZE).get_page(request.GET.get("page"))
    return TopicContents(
        ancestors=ancestors(page),
        topics=topic_cards(TopicPage.objects.visible_to(viewer).child_of(page)),
        faq_page=faq_page,
        faqs=list(faq_page.object_list),
        articles=[ArticleLine(each.title, page_url(each), each.summary) for each in articles],
    )


@ArticlePage.shows
def article(page: ArticlePage, request: Request) -> ArticleContents:
    """Return what stands beside an article for this viewer."""
    above = _topics_above(page)
    near = Faq.objects.visible_to(request.viewer).filter(topic=above[-1]) if above else Faq.objects.none()
    return ArticleContents(
        ancestors=[link_to(each) for each in above],
        more=more_about(near),
        feedback=Feedback.objects.given_by(feedback_key(request.viewer), article=page),
    )


@require_safe
def topics(request: Request) -> HttpResponse:
    """Show the list of all topics in the language of the address."""
    root = TopicPage.objects.in_language(get_language()).filter(depth=LIST_OF_TOPICS).first()
    if root is None:
        raise Http404
    response: HttpResponse = root.serve(request)
    return response


def ancestors(page: TopicPage) -> list[Link]:
    """Return the topics above a topic, the list of all topics first."""
    return [link_to(each) for each in _topics_above(page)]


def _topics_above(page: TopicPage | ArticlePage) -> list[TopicPage]:
    return list(TopicPage.objects.ancestor_of(page).select_related("locale").order_by("path"))


def link_to(page: TopicPage) -> Link:
    """Return a link to a topic, without a query if its locale is loaded."""
    return Link(page.title, page_url(page))


def more_about(faqs: FaqQuerySet) -> list[Faq]:
    """Return the most helpful of some FAQs."""
    return list(faqs.select_related("locale").order_by("-helpful_count", "-pk")[:MORE])


def topic_cards(pages: AudiencePageQuerySet) -> list[TopicCard]:
    """Return topics as cards, in the order of the tree. One query."""
    return _cards(pages.select_related("locale").order_by("path"))


def _cards(pages: Iterable[TopicPage], counts: Mapping[int, int] | None = None) -> list[TopicCard]:
    return [_card(page, (counts or {}).get(page.pk, 0)) for page in pages]


def _card(page: TopicPage, faq_count: int = 0) -> TopicCard:
    return TopicCard(page.pk, page.title, page_url(page), page.icon, page.intro, faq_count)
