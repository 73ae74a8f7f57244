"""What the forum's pages show to a viewer. A constant number of queries each, however much is asked."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from wagtail.models import Locale

from community import permissions
from community.models import Answer, CommunityIndexPage, FaqNote, Question, SpacePage, Vote
from kb.models import Faq, TopicPage
from notifications.models import Follow
from web.params import key

PAGE_SIZE = 20
SHOWN = ("latest", "unanswered", "solved", "mine")


def index(page: CommunityIndexPage, viewer: Any) -> dict[str, Any]:
    """The spaces below a community page with the number of questions in each, the latest and the unanswered ones."""
    spaces = list(SpacePage.objects.child_of(page).visible_to(viewer).select_related("picture", "audience"))
    questions = Question.objects.visible_to(viewer)
    counts = questions.values("space__translation_key").annotate(
        total=Count("pk"), waiting=Count("pk", filter=Q(state=Question.State.OPEN))
    )
    found = {row["space__translation_key"]: row for row in counts}
    for space in spaces:
        row = found.get(space.translation_key, {})
        space.total, space.waiting = row.get("total", 0), row.get("waiting", 0)
    return {
        "spaces": spaces,
        "latest": listed(questions[:10], viewer),
        "unanswered": listed(questions.filter(state=Question.State.OPEN)[:6], viewer),
    }


def space(page: SpacePage, request: Any, show: str) -> dict[str, Any]:
    """A page of the questions of a space, in all its translations. `show` is one of SHOWN."""
    questions = chosen(Question.objects.visible_to(request.viewer).in_space(page), show, request.user)
    base = page.get_url(request) or ""
    filters = [(name, base + page.reverse_subpage(name)) for name in SHOWN]
    shown = Paginator(questions.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "questions": shown,
        "show": show,
        "filters": filters if request.user.is_authenticated else filters[:-1],
        "following_space": is_following(request.user, page.follow_key),
        "may_ask": permissions.can_ask(request.user, page),
    }


def listed(questions: Any, viewer: Any) -> list[Question]:
    """The questions with what a line of a list shows, the space's name in the reader's language. Two queries."""
    rows: list[Question] = list(questions.for_list())
    keys = {row.space.translation_key for row in rows}
    names = SpacePage.objects.visible_to(viewer).filter(translation_key__in=keys, locale=Locale.get_active())
    titles: dict[Any, str] = dict(names.values_list("translation_key", "title"))
    for row in rows:
        row.space_title = titles.get(row.space.translation_key) or row.space.title
    return rows


def chosen(questions: QuerySet[Question], show: str, user: Any) -> Any:
    """The questions that a filter of a list leaves."""
    if show == "unanswered":
        return questions.filter(state=Question.State.OPEN)
    if show == "solved":
        return questions.filter(state=Question.State.SOLVED)
    if show == "mine":
        return questions.filter(author=user) if user.is_authenticated else questions.none()
    return questions


def spaces_for(viewer: Any, language: str) -> QuerySet[SpacePage]:
    """The spaces of a language that the viewer may see."""
    rows: QuerySet[SpacePage] = SpacePage.objects.visible_to(viewer).filter(locale__language_code=language)
    return rows.select_related("audience").order_by("path")


def index_page(language: str) -> CommunityIndexPage | None:
    """The live community page of a language."""
    pages = CommunityIndexPage.objects.live().filter(locale__language_code=language)
    return pages.order_by("path").first()


def question(question: Question, viewer: Any) -> dict[str, Any]:
    """A question with the answers this viewer may read, and what they may do."""
    user = viewer.user
    moderator = permissions.is_moderator(user)
    answers = answers_of(question, viewer, moderator=moderator)
    rows: list[Question | Answer] = [question, *answers]
    mark_rows(rows, viewer)
    for answer in answers:
        answer.accepted = answer.pk == question.accepted_answer_id
    return {
        "question": question,
        "answers": answers,
        "space": in_language(question.space),
        "notes": FaqNote.objects.filter(question=question, faq__in=Faq.objects.visible_to(viewer)).select_related(
            "faq__locale"
        ),
        "following": is_following(user, question.key),
        "may_answer": permissions.can_answer(user, question),
        "may_accept": permissions.can_accept(user, question),
        "may_capture": permissions.can_capture(user, question),
        "may_move": permissions.can_move(user, question) and not question.hidden,
        "is_moderator": moderator,
    }


def answers_of(question: Question, viewer: Any, *, moderator: bool) -> list[Answer]:
    """The answers a viewer of the question may read: the accepted one first, then the most useful."""
    rows = question.answers.select_related("author")
    if not moderator:
        mine = Q(author=viewer.user) if viewer.user.is_authenticated else Q(pk__in=())
        rows = rows.filter(Q(hidden=False) | mine)
    return sorted(rows, key=lambda a: (a.pk != question.accepted_answer_id, a.hidden, -a.vote_count, a.created, a.pk))


def mark_rows(rows: list[Question | Answer], viewer: Any) -> None:
    """Give each row `voted`, `points` of its author, and what the person may do with it. Two queries."""
    user = viewer.user
    voted_questions, voted_answers = _votes(rows, user)
    earned = points({row.author_id for row in rows if row.author_id}, viewer)
    for row in rows:
        voted = voted_questions if isinstance(row, Question) else voted_answers
        row.voted = row.pk in voted
        row.points = earned.get(row.author_id or 0, 0)
        row.may_vote = permissions.can_vote(user, row)
        row.may_edit = permissions.can_edit(user, row)
        row.may_hide = permissions.can_hide(user, row)
        row.may_restore = permissions.can_restore(user, row)
        row.may_flag = not row.hidden and user.has_perm("moderation.flag") and row.author_id != user.pk


def _votes(rows: list[Question | Answer], user: Any) -> tuple[set[int], set[int]]:
    if not user.is_authenticated:
        return set(), set()
    questions = [row.pk for row in rows if isinstance(row, Question)]
    answers = [row.pk for row in rows if isinstance(row, Answer)]
    found = Vote.objects.filter(Q(question__in=questions) | Q(answer__in=answers), user=user)
    pairs = list(found.values_list("question_id", "answer_id"))
    return {q for q, _a in pairs if q}, {a for _q, a in pairs if a}


def points(user_ids: set[int], viewer: Any) -> dict[int, int]:
    """What people earned by answering what the viewer may read: one for each vote, one for each accepted answer. Of
    closed places a number would say that something is there. One query."""
    rows = (
        Answer.objects.visible_to(viewer)
        .filter(author__in=user_ids)
        .values("author_id")
        .annotate(total=Sum("vote_count") + Count("accepted_for"))
    )
    return {row["author_id"]: row["total"] for row in rows}


def is_following(user: Any, key: str) -> bool:
    """Whether the person follows a key."""
    return user.is_authenticated and Follow.objects.filter(user=user, key=key).exists()


def in_language(space: SpacePage) -> SpacePage:
    """The space in the reader's language when it has that translation and the audience is the same, else itself."""
    if space.locale_id == Locale.get_active().pk:
        return space
    other = SpacePage.objects.live().filter(
        translation_key=space.translation_key, locale=Locale.get_active(), audience=space.audience_id
    )
    return other.first() or space


def about(questions: Any, number: str, viewer: Any) -> Any:
    """The questions about a topic and those below it, in whichever language. `number` is a page's, as text."""
    pages = TopicPage.objects.visible_to(viewer).filter(pk=key(number))
    page = pages.first()
    if page is None:
        return questions.none()
    below = TopicPage.objects.descendant_of(page, inclusive=True).values("translation_key")
    return questions.filter(topic__translation_key__in=below)
