"""Warnings and refusals for actions under /cms/ that change who can read something, besides the editors."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.reader_access import visible_rows
from accounts.widening import Audienced, numbers, settled, wished
from accounts.widening_form import NAMED, counted, left_without_readers, listed, sentence, some
from kb.models import Faq
from kb.models.moves import rehearse_move
from web import scope


def before_move(request: Any, pages: Iterable[Page], parent: Page) -> str:
    """Return why pages cannot be moved below another one, "" if they can. On the confirmation page, add a message that
    says who can read a page after the move."""
    for page in pages:
        may = page.permissions_for_user(request.user).can_move_to(parent)  # Wagtail checks this later
        change = rehearse_move(page, parent) if may else None
        if change is None:
            continue
        if change.emptied:
            return _("Not moved. %(why)s") % {"why": left_without_readers(change.emptied, request.viewer)}
        if request.method == "GET":
            text = _("After the move, only these people can read it: %(readers)s.") % {
                "readers": sentence(change.after)
            }
            below = counted(numbers(visible_rows(change.below, request.viewer)))
            if below:
                text += " " + _("Readers of %(below)s below it change too.") % {"below": listed(below)}
            messages.warning(request, text)
    return ""


def unasked(rows: Iterable[Any], by: Any) -> tuple[list[str], str]:
    """Check rows whose newest draft is about to be published without a question about readers. Return the titles of
    those that would get more readers, and the reason to refuse if nobody could read some of them."""
    wider: list[str] = []
    emptied: dict[str, list[int]] = {}
    for row in rows:
        draft = row.get_latest_revision_as_object()
        change = wished(draft, settled(draft)) if isinstance(draft, Audienced) else None
        if change and change.wider:
            wider.append(f"“{draft}”")
        elif change and not change.after:
            emptied.setdefault(draft._meta.label_lower, []).append(draft.pk)
    return wider, left_without_readers(emptied, by) if emptied else ""


def before_bulk_publish(request: Any, rows: Iterable[Any], *, include_descendants: bool) -> str:
    """Return why pages cannot be published in bulk, "" if they can. The message names only pages that the editor sees
    (`guards.bulk`)."""
    below = [page for row in rows for page in row.get_descendants().not_live()] if include_descendants else []
    wider, why = unasked([*rows, *below], request.user)
    if why:
        return _("Nothing was published. %(why)s") % {"why": why}
    if not wider:
        return ""
    text = _(
        "Nothing was published: %(titles)s would get more readers. Open it and publish it there, where you are asked "
        "about that, or leave it out."
    )
    return text % {"titles": some(wider, len(wider))}


def approving(request: Any, kwargs: Mapping[str, Any]) -> HttpResponse | None:
    """Send the approval of a draft that would get more readers, or none, to its editor, which asks about that."""
    if request.method != "POST" or kwargs["action_name"] != "approve":
        return None
    page = "page_id" in kwargs
    row = Page.objects.get(pk=kwargs["page_id"]) if page else Faq.objects.get(pk=kwargs["pk"])
    wider, why = unasked([row], request.user)
    if not wider and not why:
        return None
    text = _("Not approved yet: %(title)s would get more readers. Approve it here, where you are asked about that.")
    messages.warning(request, text % {"title": wider[0]} if wider else _("Not approved. %(why)s") % {"why": why})
    editor = reverse("wagtailadmin_pages:edit" if page else "wagtailsnippets_kb_faq:edit", args=[row.pk])
    if request.headers.get("x-requested-with") == "XMLHttpRequest":  # Wagtail's dialog for a comment
        return JsonResponse({"step": "success", "redirect": editor})
    return redirect(editor)


def tell_aliases(request: Any, pages: Iterable[Page]) -> None:
    """On the confirmation page, warn that aliases go offline with their source."""
    if request.method != "GET":
        return
    with scope.reading_as(None):
        sources = {pk for page in pages for pk in page.get_descendants(inclusive=True).values_list("pk", flat=True)}
        found, newest = set[int](), sources
        while newest:
            newest = set(Page.objects.filter(alias_of__in=newest, live=True).values_list("pk", flat=True)) - found
            found |= newest
        found -= sources
    shown = [f"“{page}”" for page in Page.objects.filter(pk__in=found)[: NAMED + 1]]
    if shown:
        names = listed(shown[:NAMED] + ([_("others")] if len(shown) > NAMED else []))
        messages.warning(request, _("Aliases go offline with their source: %(titles)s.") % {"titles": names})
    if found and Page.objects.filter(pk__in=found).count() < len(found):
        messages.warning(request, _("Aliases that are not for you go offline with their source as well."))


def aliases_follow(request: Any, kwargs: Mapping[str, Any]) -> None:
    """Warn about the aliases of one page."""
    tell_aliases(request, Page.objects.filter(pk=kwargs["page_id"]))
