"""The front of the forum, and lists of questions as fragments for other pages."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from community import browse
from community.models import Question, SpacePage
from community.views.access import Request, acting, back_to
from notifications.actions import follow, unfollow

FRAGMENT_SIZE = 5
MOST = 200


@require_safe
def index(request: Request) -> HttpResponse:
    """The community page of the reader's language, at an address that never changes."""
    page = browse.index_page(get_language() or "nl")
    if page is None:
        raise Http404
    response: HttpResponse = page.serve(request)
    return response


@never_cache
@require_safe
def mine_fragment(request: Request) -> HttpResponse:
    """What the reader asked, newest activity first, for "My questions and chats". `?all=1` gives
    all of it, and says so when there is nothing."""
    questions = Question.objects.none()
    if request.user.is_authenticated:
        readable = Question.objects.readable_by(request.viewer, moderator=False)
        questions = readable.filter(author=request.user)
    size = MOST if request.GET.get("all") else FRAGMENT_SIZE
    context = {"questions": browse.listed(questions[:size], request.viewer), "all": size == MOST}
    return render(request, "community/_mine.html", context)


@never_cache
@require_safe
def latest_fragment(request: Request) -> HttpResponse:
    """The latest questions this viewer may see, of all topics or (`?topic=<page number>`) of one and those below it."""
    questions = Question.objects.visible_to(request.viewer)
    if number := request.GET.get("topic", ""):
        questions = browse.about(questions, number, request.viewer)
    shown = browse.listed(questions[:FRAGMENT_SIZE], request.viewer)
    return render(request, "community/_latest.html", {"questions": shown})


@require_POST
@acting
def follow_space(request: Request, pk: int) -> HttpResponse:
    """Be told of new questions in a space, or (`undo`) no longer."""
    space = SpacePage.objects.visible_to(request.viewer).filter(pk=pk).first()
    if space is None:
        raise Http404
    if request.POST.get("undo"):
        unfollow(by=request.user, key=space.follow_key)
    else:
        follow(by=request.user, key=space.follow_key)
    return back_to(request, space.get_url(request) or "/")
