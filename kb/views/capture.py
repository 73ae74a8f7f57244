"""The page that makes a draft FAQ of an exchange: *Make FAQ*, *Send to curator*."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import Request
from kb import actions, permissions
from kb import capture as exchanges
from kb.capture import Exchange
from kb.forms import DraftForm, one_line
from kb.models import Faq
from kb.personal import PersonalDataLeft, marked
from kb.similar import similar_faqs
from web import once, params


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@once.only
def capture(request: Request, kind: str, pk: int) -> HttpResponse:
    """Show the draft made of an exchange, and file it. An exchange that is hidden from the viewer is "not found"."""
    exchange = exchanges.load(kind, request.viewer, pk) if permissions.can_draft(request.viewer) else None
    if exchange is None:
        raise Http404
    if request.method == "POST" and "link" in request.POST:
        return _link(request, exchange)
    if request.method == "POST" and "compose" in request.POST:
        return _compose(request, exchange)
    form = DraftForm.start(exchange, request.viewer)
    if request.method == "POST":
        form = DraftForm(request.POST, exchange=exchange, viewer=request.viewer)
        if form.is_valid() and (response := _send(request, exchange, form)):
            return response
    return _page(request, exchange, form, *exchange.ticked)


def _send(request: Request, exchange: Exchange, form: DraftForm) -> HttpResponse | None:
    try:
        return once.create(request, lambda: _draft(request, exchange, form))
    except PersonalDataLeft as left:
        form.found = left.found
        form.add_error(None, _("This draft still holds personal data. Replace each piece, or keep it on purpose."))
        return None
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


def _draft(request: Request, exchange: Exchange, form: DraftForm) -> HttpResponse:
    data = form.cleaned_data
    actions.draft_faq(
        by=request.viewer,
        question=data["question"],
        answer=data["answer"],
        topic=data["topic"],
        language=data["language"],
        origins=[exchange.origin],
        audience=form.audience_keys,
        names=exchange.names,
        kept=form.kept,
    )
    messages.success(request, _("Sent to the curator. The person who asked is notified as soon as it is published."))
    return HttpResponseRedirect(exchange.origin.url)


def _link(request: Request, exchange: Exchange) -> HttpResponse:
    rows = Faq.objects.visible_to(request.viewer)
    faq = get_object_or_404(rows, pk=params.key(request.POST["link"]))
    actions.link_faq(by=request.viewer, faq=faq, origin=exchange.origin)
    messages.success(request, _("Linked to the existing FAQ. The person who asked is notified."))
    return HttpResponseRedirect(exchange.origin.url)


def _compose(request: Request, exchange: Exchange) -> HttpResponse:
    """Fill in question and answer again from the ticked messages. All other choices stay."""
    asked, answered = _numbers(request, "asked", exchange), _numbers(request, "answered", exchange)
    data = request.POST.copy()
    data["question"] = one_line(" ".join(exchange.turns[n].text for n in sorted(asked)))
    data["answer"] = "\n\n".join(exchange.turns[n].text for n in sorted(answered))
    form = DraftForm(data, exchange=exchange, viewer=request.viewer)
    form.is_valid()
    form.errors.clear()
    return _page(request, exchange, form, asked, answered)


def _numbers(request: Request, name: str, exchange: Exchange) -> frozenset[int]:
    last = len(exchange.turns) - 1
    sent = {params.number(value, last) for value in request.POST.getlist(name)}
    return frozenset(n for n in sent if n is not None)


def _page(
    request: Request, exchange: Exchange, form: DraftForm, asked: frozenset[int], answered: frozenset[int]
) -> HttpResponse:
    question, answer = str(form["question"].value() or ""), str(form["answer"].value() or "")
    context: dict[str, Any] = {
        "exchange": exchange,
        "form": form,
        "turns": [(n, turn, n in asked, n in answered) for n, turn in enumerate(exchange.turns)],
        "marked_question": marked(question, names=exchange.names) if form.found else "",
        "marked_answer": marked(answer, names=exchange.names) if form.found else "",
        "published": Faq.objects.visible_to(request.viewer).filter(origins__key=exchange.origin.key),
        "drafted": Faq.objects.filter(origins__key=exchange.origin.key, live=False).exists(),
        "similar": similar_faqs(question, viewer=request.viewer, language=exchange.language) if question else [],
    }
    template = "kb/_capture_form.html" if request.htmx else "kb/capture.html"
    return render(request, template, context, status=422 if form.errors else 200)
