"""A question's page, answering, and editing."""

from typing import Any

from django.http import HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audiences import PUBLIC
from accounts.permissions import require
from community import actions, permissions, schema_org
from community.forms import AnswerForm, MoveForm, QuestionForm
from community.models import Answer, Question
from community.views.access import Request, acting, question_url, readable_answer, readable_question, row_url
from community.views.ask import chat_url
from community.views.thread import thread
from moderation.forms import allowed, show
from web import once
from web.forms import posted


@never_cache
@require_safe
def question(request: Request, pk: int, slug: str) -> HttpResponse:
    """Show a question with its answers. The number identifies it; another slug redirects."""
    row = readable_question(request, pk)
    if slug != row.slug:
        return HttpResponsePermanentRedirect(question_url(row))
    return _page(request, row, AnswerForm())


def _page(request: Request, row: Question, form: AnswerForm) -> HttpResponse:
    shown = thread(row, request.viewer)
    context: dict[str, Any] = {
        "thread": shown,
        "question": row,
        "chat_query": row.title,
        "chat_url": chat_url(row.title, ""),
        "following": shown.following,
    }
    if shown.may_move:
        context["move_form"] = MoveForm(viewer=request.viewer, question=row)
    if PUBLIC in row.audience.key_set and not row.hidden:
        context["structured"] = schema_org.question_page(
            row, [post.row for post in shown.answers if isinstance(post.row, Answer)]
        )
    return show(request, "community/question.html", form, **context)


@require_POST
@acting
@once.only
def answer(request: Request, pk: int) -> HttpResponse:
    """Answer a question."""
    row = readable_question(request, pk)
    form = AnswerForm(request.POST)
    if not (form.is_valid() and allowed(form, request, "answer")):
        return _page(request, row, form)
    return once.create(
        request,
        lambda: HttpResponseRedirect(
            row_url(actions.answer(by=request.viewer, question=row, body=form.cleaned_data["body"]))
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def edit_question(request: Request, pk: int) -> HttpResponse:
    """Change a question's text."""
    row = readable_question(request, pk)
    require(permissions.can_edit(request.viewer, row))
    form = QuestionForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        actions.edit_question(by=request.viewer, question=row, topic=row.topic, **form.cleaned_data)
        return HttpResponseRedirect(question_url(row))
    return show(request, "community/edit.html", form, title=_("Change this question"), back=question_url(row))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def edit_answer(request: Request, pk: int) -> HttpResponse:
    """Change an answer's text."""
    row = readable_answer(request, pk)
    require(permissions.can_edit(request.viewer, row))
    form = AnswerForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        actions.edit_answer(by=request.viewer, answer=row, body=form.cleaned_data["body"])
        return HttpResponseRedirect(row_url(row))
    return show(request, "community/edit.html", form, title=_("Change this answer"), back=row_url(row))
