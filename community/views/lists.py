"""The front of the forum, and lists of questions as fragments for other pages."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from community.models import CommunityIndexPage, Question, SpacePage
from community.views.access import Request, acting, back_to
from community.views.pages import question_lines
from kb.models import TopicPage
from notifications.actions import follow, unfollow
from web.params import key

FRAGMENT_SIZE = 5
MOST = 200


@require_safe
def index(request: Request) -> HttpResponse:
    """Show the community page of the active language, at an address that never changes."""
    page = CommunityIndexPage.of_language(get_language() or "nl")
    if page is None:
        raise Http404
    response: HttpResponse = page.serve(request)
    return response


@never_cache
@require_safe
def mine_fragment(request: Request) -> HttpResponse:
    """Show what the reader asked, the latest activity first, for "My questions and chats". `?all=1` shows all of it,
    and says so if there is nothing."""
    questions = Question.objects.none()
    if request.user.is_authenticated:
        readable = Question.objects.readable_by(request.viewer, moderator=False)
        questions = readable.filter(author=request.user)
    size = MOST if request.GET.get("all") else FRAGMENT_SIZE
    context = {"lines": question_lines(questions[:size], request.viewer), "all": size == MOST}
    return render(request, "community/_mine.html", context)


@never_cache
@require_safe
def latest_fragment(request: Request) -> HttpResponse:
    """Show the latest questions that the viewer may see: of all topics, or of one and those below it (`?topic=pk`)."""
    questions = Question.objects.visible_to(request.viewer)
    if number := request.GET.get("topic", ""):
        topic = TopicPage.objects.visible_to(request.viewer).filter(pk=key(number)).first()
        questions = questions.about(topic) if topic else questions.none()
    shown = question_lines(questions[:FRAGMENT_SIZE], request.viewer)
    return render(request, "community/_latest.html", {"lines": shown})


@require_POST
@acting
def follow_space(request: Request, pk: int) -> HttpResponse:
    """Follow a space's new questions, or stop following it (`undo`)."""
    space = SpacePage.objects.visible_to(request.viewer).filter(pk=pk).first()
    if space is None:
        raise Http404
    if request.POST.get("undo"):
        unfollow(by=request.viewer, key=space.follow_key)
    else:
        follow(by=request.viewer, key=space.follow_key)
    return back_to(request, space.get_url(request) or "/")
