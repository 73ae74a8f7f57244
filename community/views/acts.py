"""Buttons: vote, accept, move, hide. All work by plain form; votes also by htmx."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.widening_form import sentence
from community import actions
from community.forms import MoveForm
from community.models import Answer, Question
from community.views.access import Request, acting, back_to, question_url, readable_answer, readable_question, row_url
from community.views.thread import posts
from moderation import actions as moderation


def _vote(request: Request, row: Question | Answer) -> HttpResponse:
    act = actions.unvote if request.POST.get("undo") else actions.vote
    act(by=request.viewer, row=row)
    if not request.htmx:
        return back_to(request, row_url(row))
    return render(request, "community/_vote.html", {"post": posts([row], request.viewer)[0]})


@require_POST
@acting
def vote_question(request: Request, pk: int) -> HttpResponse:
    """Vote for a question ("I have this too"), or take the vote back (`undo`)."""
    return _vote(request, readable_question(request, pk))


@require_POST
@acting
def vote_answer(request: Request, pk: int) -> HttpResponse:
    """Vote for an answer, or take the vote back (`undo`)."""
    return _vote(request, readable_answer(request, pk))


@require_POST
@acting
def accept(request: Request, pk: int) -> HttpResponse:
    """Mark an answer as the one that solved the question, or undo that (`undo`)."""
    answer = readable_answer(request, pk)
    if request.POST.get("undo"):
        if answer.question.accepted_answer_id == answer.pk:
            actions.unaccept(by=request.viewer, question=answer.question)
    else:
        actions.accept(by=request.viewer, answer=answer)
    return back_to(request, row_url(answer))


@require_POST
@acting
def move(request: Request, pk: int) -> HttpResponse:
    """Move a question to another space."""
    question = readable_question(request, pk)
    form = MoveForm(request.POST, viewer=request.viewer, question=question)
    if not form.is_valid():
        messages.error(request, _("Choose a space to move this question to."))
        return back_to(request, question_url(question))
    try:
        moved = actions.move(by=request.viewer, question=question, space=form.cleaned_data["space"])
    except actions.NobodyLeft:
        messages.error(request, _("Not moved: nobody who can read this question can read that space."))
        return back_to(request, question_url(question))
    told = _("Moved to %(space)s.") % {"space": moved.space.title}
    if moved.audience != moved.space.audience:
        told += " " + _("There too, only these people can read it: %(readers)s.") % {
            "readers": sentence(moved.audience.key_set)
        }
    messages.success(request, told)
    return back_to(request, question_url(moved))


def _hide(request: Request, row: Question | Answer) -> HttpResponse:
    # Moderators hide through `moderation`, so that the text appears in the list of what is hidden.
    own = row.author_id == request.user.pk
    if request.POST.get("undo"):
        if own and row.withdrawn:
            actions.restore(by=request.viewer, row=row)
        else:
            moderation.restore(by=request.viewer, key=row.key)
        messages.success(request, _("Everybody can read it again."))
    else:
        if own:
            actions.hide(by=request.viewer, row=row)
        else:
            moderation.hide(by=request.viewer, key=row.key, reason=request.POST.get("reason", "")[:500])
        messages.success(request, _("Hidden. Only its author and moderators still see it; you can undo that here."))
    return back_to(request, row_url(row))


@require_POST
@acting
def hide_question(request: Request, pk: int) -> HttpResponse:
    """Hide a question, or show it again (`undo`)."""
    return _hide(request, readable_question(request, pk))


@require_POST
@acting
def hide_answer(request: Request, pk: int) -> HttpResponse:
    """Hide an answer, or show it again (`undo`)."""
    return _hide(request, readable_answer(request, pk))
