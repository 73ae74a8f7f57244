"""What the forum's Wagtail pages show, and lists of questions. A constant number of queries for each page."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import Count, Q
from wagtail.models import Locale

from accounts.audiences import Person
from accounts.requests import Request
from community.models import CommunityIndexPage, Question, SpacePage
from community.models.questions import SHOWN, QuestionQuerySet
from notifications.models import Follow

PAGE_SIZE = 20
LATEST, UNANSWERED = 10, 6  # questions on the front


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in a list, with the title of its space in the active language."""

    question: Question
    space: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceCard:
    """A space on the front, with the number of questions that the viewer may see, and of those without an answer."""

    title: str
    url: str
    intro: str
    is_closed: bool
    total: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexContents:
    """The spaces, the latest questions, and the latest ones without an answer."""

    spaces: list[SpaceCard]
    latest: list[QuestionLine]
    unanswered: list[QuestionLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceContents:
    """A page of a space's questions. `filters` are names and addresses of its lists, `show` is the one shown."""

    questions: ListPage[Question]
    show: str
    filters: list[tuple[str, str]]
    following: bool


@CommunityIndexPage.shows
def index(page: CommunityIndexPage, request: Request) -> IndexContents:
    """Return what the front of the forum shows to this viewer."""
    viewer = request.viewer
    questions = Question.objects.visible_to(viewer)
    counts = questions.values("space__translation_key").annotate(
        total=Count("pk"), waiting=Count("pk", filter=Q(state=Question.State.OPEN))
    )
    found = {row["space__translation_key"]: row for row in counts}
    spaces = SpacePage.objects.child_of(page).visible_to(viewer).select_related("audience")
    return IndexContents(
        spaces=[_card(space, found.get(space.translation_key, {})) for space in spaces],
        latest=question_lines(questions[:LATEST], viewer),
        unanswered=question_lines(questions.filter(state=Question.State.OPEN)[:UNANSWERED], viewer),
    )


def _card(space: SpacePage, counts: dict[str, Any]) -> SpaceCard:
    return SpaceCard(
        title=space.title,
        url=space.get_url(),
        intro=space.intro,
        is_closed=space.openness == "closed",
        total=counts.get("total", 0),
        waiting=counts.get("waiting", 0),
    )


@SpacePage.shows
def space(page: SpacePage, request: Request, show: str = "latest") -> SpaceContents:
    """Return a page of the questions of a space, asked in any of its translations. `show` is one of SHOWN."""
    viewer = request.viewer
    questions = Question.objects.visible_to(viewer).in_space(page).shown_as(show, viewer)
    base = page.get_url(request) or ""
    filters = [(name, base + page.reverse_subpage(name)) for name in SHOWN]
    return SpaceContents(
        questions=Paginator(questions.for_list(), PAGE_SIZE).get_page(request.GET.get("page")),
        show=show,
        filters=filters if viewer.user.is_authenticated else [each for each in filters if each[0] != "mine"],
        following=is_following(viewer, page.follow_key),
    )


def question_lines(questions: QuestionQuerySet, viewer: Person) -> list[QuestionLine]:
    """Return the questions as lines of a list. Two queries."""
    rows: list[Question] = list(questions.for_list())
    keys = {row.space.translation_key for row in rows}
    names = SpacePage.objects.visible_to(viewer).filter(translation_key__in=keys, locale=Locale.get_active())
    titles = dict(names.values_list("translation_key", "title"))
    return [QuestionLine(row, titles.get(row.space.translation_key) or row.space.title) for row in rows]


def is_following(viewer: Person, key: str) -> bool:
    """True if the person follows a key. One query, none for visitors."""
    user = viewer.user
    return user.is_authenticated and Follow.objects.filter(user=user, key=key).exists()
