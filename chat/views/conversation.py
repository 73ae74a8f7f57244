"""A conversation as its asker sees it, and every act on it by form. What sockets do works here without them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.audiences import Person
from accounts.requests import Request
from chat import actions, permissions, presence, resume_links
from chat.forms import EmailForm, MessageForm, TransferForm
from chat.models import Conversation
from chat.views.shown import conversation_context, find
from markup.text import TooLong
from web import limits


@never_cache
@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """The asker's page. Agents of the team are sent to their desk."""
    viewer = request.viewer
    conversation = find(viewer, pk)
    asker = permissions.is_asker(viewer, conversation)
    if not asker and permissions.can_answer(viewer, conversation):
        return redirect("chat:desk_conversation", pk=pk)
    if asker:
        presence.in_conversation(pk)
        actions.mark_seen(by=viewer, conversation=conversation, number=conversation.last_number)
    context = conversation_context(request, conversation) | {
        "asker": asker,
        "email_form": EmailForm(initial={"email": conversation.email}),
        "back_link": "" if conversation.customer_id else request.build_absolute_uri(resume_links.path(conversation)),
    }
    return render(request, "chat/conversation.html", context)


@never_cache
@require_safe
def status(request: Request, pk: int) -> HttpResponse:
    """Fragment: who is there, and how long it takes. Fetched again whenever the socket says that it changed."""
    conversation = find(request.viewer, pk)
    return render(request, "chat/_status.html", conversation_context(request, conversation, events=False))


@require_POST
def post(request: Request, pk: int) -> HttpResponse:
    """A message by form. What was typed comes back when it could not be sent."""
    viewer = request.viewer
    conversation = find(viewer, pk)
    form, status = MessageForm(request.POST), 422
    if form.is_valid():
        try:
            limits.charge("chat.message", request)
            actions.post_message(by=viewer, conversation=conversation, **form.cleaned_data)
            return back(request, conversation)
        except limits.TooMany as wait:
            status = 429
            text = _("Not so fast: your text is still here, try again in %d seconds.")
            form.add_error("body", text % wait.retry_after)
        except actions.Closed:
            form.add_error("body", _("This conversation is closed. Reopen it to go on."))
        except actions.Taken:
            form.add_error("body", _("A colleague is answering this. Take it over first."))
        except actions.Conflict:
            form.renew_client_id()
            text = _("You already sent another message from this page. Send again to send this one too.")
            form.add_error("body", text)
        except TooLong:
            form.add_error("body", _("This message could not be sent."))
        except PermissionDenied:
            raise Http404 from None
    elif form.has_error("client_id"):
        form.renew_client_id()
        form.add_error("body", _("This message could not be sent."))
    staff = not permissions.is_asker(viewer, conversation)
    context = conversation_context(request, find(viewer, pk)) | {"form": form, "asker": not staff}
    if staff:
        from chat.views.desk import desk_context

        return render(request, "chat/desk.html", context | desk_context(viewer), status=status)
    return render(request, "chat/conversation.html", context, status=status)


def back(request: Request, conversation: Conversation) -> HttpResponse:
    """To the page that shows it: the desk for who answers, the conversation for who asks."""
    viewer = request.viewer
    fresh = Conversation.objects.select_related("audience").get(pk=conversation.pk)
    if permissions.is_asker(viewer, fresh):
        return redirect("chat:conversation", pk=fresh.pk)
    if permissions.can_see(viewer, fresh):
        return redirect("chat:desk_conversation", pk=fresh.pk)
    return redirect("chat:desk")


def _email(viewer: Person, conversation: Conversation, data: Any) -> str:
    form = EmailForm(data)
    if not form.is_valid():
        raise ValueError(_("That does not look like an e-mail address."))
    actions.leave_email(by=viewer, conversation=conversation, email=form.cleaned_data["email"])
    return _("We mail you when there is an answer.") if form.cleaned_data["email"] else _("We will not mail you.")


def _transfer(viewer: Person, conversation: Conversation, data: Any) -> str:
    form = TransferForm(data, without=conversation.team_id)
    if not form.is_valid():
        raise ValueError(_("Choose another team."))
    team = form.cleaned_data["team"]
    actions.transfer(by=viewer, conversation=conversation, team=team)
    return _("Passed on to %s.") % team.label


@require_POST
def act(request: Request, pk: int, act: str) -> HttpResponse:
    """One of: take, over, release, close, reopen, email, transfer."""
    viewer = request.viewer
    conversation = find(viewer, pk)
    row: dict[str, Any] = {"by": viewer, "conversation": conversation}
    acts: dict[str, Any] = {
        "take": lambda: actions.take(**row),
        "over": lambda: actions.take(**row, over=True),
        "release": lambda: actions.release(**row),
        "close": lambda: actions.close(**row),
        "reopen": lambda: actions.reopen(**row),
        "email": lambda: _email(viewer, conversation, request.POST),
        "transfer": lambda: _transfer(viewer, conversation, request.POST),
    }
    if act not in acts:
        raise Http404
    try:
        if said := acts[act]():
            messages.success(request, said)
    except PermissionDenied:
        raise Http404 from None
    except actions.Taken:
        messages.warning(request, _("A colleague was first: they are answering this."))
    except actions.Closed:
        messages.warning(request, _("This conversation is closed."))
    except ValueError as error:
        messages.error(request, str(error))
    return back(request, conversation)
