"""Views: flag something, and the moderators' list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from accounts.requests import Request
from moderation import actions
from moderation.forms import FlagForm, allowed, show
from moderation.hideables import split, titles
from moderation.models import Flag
from moderation.permissions import can_flag
from web import once
from web.addresses import local_url
from web.forms import posted

PER_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagLine:
    """A flag in the list. `title`: a line of what was flagged, "" if the moderator may not see it."""

    flag: Flag
    title: str
    label: Any  # of the kind of row
    may_restore: bool


@login_required
@once.only
def flag(request: Request) -> HttpResponse:
    """Flag the row `?key=`; `?url=` is its page. 404 for a row that the user cannot see."""
    key = request.POST.get("key") or request.GET.get("key", "")
    url = local_url(request.POST.get("url") or request.GET.get("url", ""), longest=500)
    if not can_flag(request.viewer, key):
        raise Http404
    form = FlagForm(posted(request))
    if request.method == "POST" and form.is_valid() and allowed(form, request, "flag"):
        return once.create(request, lambda: _flag(request, key, url, form.cleaned_data))
    kind = split(key)
    return show(request, "moderation/flag.html", form, key=key, url=url, label=kind[0].label if kind else "")


def _flag(request: Request, key: str, url: str, said: dict[str, Any]) -> HttpResponse:
    actions.flag(by=request.viewer, key=key, url=url, **said)
    messages.success(request, _("Thank you. A moderator will look at it."))
    return redirect(url or "/")


@needs("moderation.review")
@require_safe
def queue(request: Request) -> HttpResponse:
    """List flags, one line each: the open ones, or with `?state=` those with a decision."""
    state = request.GET.get("state", Flag.State.OPEN)
    if state not in Flag.State.values:
        state = Flag.State.OPEN
    flags = Flag.objects.filter(state=state).select_related("by", "handled_by")
    page = Paginator(flags, PER_PAGE).get_page(request.GET.get("page"))
    seen = titles(request.viewer, [row.key for row in page])
    context = {
        "page_obj": page,
        "lines": [_line(row, seen, request.user) for row in page],
        "state": state,
        "states": Flag.State.choices,
    }
    return render_page(request, "moderation/queue.html", context)


def _line(flag: Flag, seen: Mapping[str, str], user: Any) -> FlagLine:
    kind = split(flag.key)
    return FlagLine(
        flag=flag,
        title=seen.get(flag.key, ""),
        label=kind[0].label if kind else flag.key.partition(":")[0],
        may_restore=flag.state == Flag.State.HIDDEN and (flag.key in seen or flag.handled_by == user),
    )


@needs("moderation.review")
@require_POST
def look(request: Request) -> HttpResponse:
    """Show the text of a flagged row that is not in this moderator's audience. That they read it is recorded."""
    key = request.POST.get("key", "")
    try:
        text = actions.look(by=request.viewer, key=key)
    except (actions.NotHideable, ObjectDoesNotExist):
        raise Http404 from None
    flags = Flag.objects.filter(key=key).select_related("by", "handled_by")
    return render_page(request, "moderation/look.html", {"text": text, "flags": flags})


@needs("moderation.review")
@require_POST
def decide(request: Request) -> HttpResponse:
    """Hide, dismiss or restore (`act`) the row `key`."""
    key, act = request.POST.get("key", ""), request.POST.get("act", "")
    try:
        if act == "hide":
            actions.hide(by=request.viewer, key=key, reason=request.POST.get("reason", "")[:500])
            messages.success(request, _("Hidden. You can show it again from the list of what is hidden."))
        elif act == "restore":
            actions.restore(by=request.viewer, key=key)
            messages.success(request, _("It is shown again."))
        elif act == "dismiss":
            actions.dismiss(by=request.viewer, key=key)
            messages.success(request, _("Left as it is."))
        else:
            raise Http404
    except (actions.NotHideable, ObjectDoesNotExist):
        raise Http404 from None
    return redirect(local_url(request.POST.get("next")) or "moderation:queue")
