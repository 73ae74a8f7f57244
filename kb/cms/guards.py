"""Guards of requests under /cms/: checks that need more than the address."""

import os
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.contrib.redirects.utils import get_file_storage, get_import_formats
from wagtail.models import Page

from kb.cms.readers import tell_aliases
from web import scope
from web.descriptions import Guard
from web.params import number
from web.requests import refuse


def of_model(value: Any, kwargs: Mapping[str, Any]) -> bool:
    """True if the model in the address has a rule about who sees its rows, and the row exists for the reader."""
    try:
        model = apps.get_model(kwargs["app_label"], kwargs["model_name"])
    except LookupError:
        return False
    return scope.filter_of(model) is not None and scope.is_visible(model, value)


def nothing_hidden_below(request: Any, kwargs: Mapping[str, Any]) -> HttpResponse | None:
    """Refuse to move or delete a page with pages below it that the reader may not see."""
    pk = kwargs.get("page_id", kwargs.get("page_to_move_id"))
    if request.method != "POST" or not hidden_below(Page.objects.filter(pk=pk)):
        return None
    messages.error(request, _("Below this page are pages that are not for you. Ask somebody who may see them."))
    return redirect("wagtailadmin_explore", pk)


def nothing_hidden_below_if(*fields: str) -> Guard:
    """Return the same guard, applied when one of these checkboxes is ticked."""

    def guard(request: Any, kwargs: Mapping[str, Any]) -> HttpResponse | None:
        ticked = request.method == "POST" and any(request.POST.get(field) for field in fields)
        return nothing_hidden_below(request, kwargs) if ticked else None

    return guard


def hidden_below(pages: Any) -> bool:
    """True if something below one of these pages is hidden from the reader."""
    for page in pages:
        seen = page.get_descendants().count()
        with scope.reading_as(None):
            if page.get_descendants().count() != seen:
                return True
    return False


def each(*guards: Guard) -> Guard:
    """Combine guards; the first response wins."""

    def guard(request: Any, kwargs: Mapping[str, Any]) -> HttpResponse | None:
        return next((answer for ask in guards if (answer := ask(request, kwargs))), None)

    return guard


def import_goes_on(request: Any, _kwargs: Mapping[str, Any]) -> HttpResponse | None:
    """Refuse the second step of an import of redirects unless it names the file of the first one, which Wagtail signed
    and keeps for a while. Wagtail would answer with a server error."""
    if request.method != "POST":
        return None
    try:
        name, kind = (Signer().unsign(request.POST.get(field, "")) for field in ("import_file_name", "input_format"))
    except BadSignature:
        name = kind = ""
    known = name and name == os.path.basename(name) and (number(kind) or 0) < len(get_import_formats())
    if known and os.path.exists(get_file_storage()(name=name).get_full_path()):
        return None
    text = gettext_lazy("The file to import is no longer here. Nothing was imported. Choose it again.")
    return refuse(request, 400, reason=text, onward=reverse("wagtailredirects:start_import"))


def _listing(model: type[Any], parent: str, chosen: list[str]) -> str:
    """Return the address of the list of a model's rows."""
    if not issubclass(model, Page):
        names = {"picture": "wagtailimages:index", "attachment": "wagtaildocs:index"}
        return reverse(
            names.get(model._meta.model_name, f"wagtailsnippets_{model._meta.label_lower.replace('.', '_')}:list")
        )
    page = Page.objects.filter(pk__in=chosen).first()
    parent = parent or str(page.get_parent().pk if page and page.depth > 2 else "")
    return reverse("wagtailadmin_explore", args=[parent]) if parent else reverse("wagtailadmin_explore_root")


def bulk(request: Any, kwargs: Mapping[str, Any]) -> HttpResponse | None:
    """Check that all chosen rows exist for the reader. "all" means the rows that do."""
    names = kwargs["app_label"], kwargs["model_name"], kwargs["action"]
    action = bulk_action_registry.get_bulk_action_class(*names)
    try:
        model = apps.get_model(*names[:2])
    except LookupError:
        raise Http404 from None
    if action is None or scope.filter_of(model) is None or model not in action.models:
        raise Http404
    chosen, parent = request.GET.getlist("id"), request.GET.get("childOf", "")
    if parent and not scope.is_visible(Page, parent):
        raise Http404
    if "all" in chosen:
        # "All pages" without a parent is never meant: Wagtail refuses an empty number.
        place = parent if issubclass(model, Page) else parent or None
        rows = action(request, model).get_all_objects_in_listing_query(place)
        request.GET = request.GET.copy()
        request.GET.setlist("id", [str(pk) for pk in rows])
    elif not all(scope.is_visible(model, pk) for pk in chosen):
        raise Http404
    if not get_valid_next_url_from_request(request):
        # Wagtail would redirect to this address without its rows, which is "not found".
        request.GET = request.GET.copy()
        request.GET["next"] = _listing(model, parent, request.GET.getlist("id"))
    for field in ("chooser", "new_parent_page"):
        place = request.POST.get(field, "") if request.method == "POST" else ""
        if place and not scope.is_visible(Page, place):
            raise Http404
    if issubclass(model, Page) and names[2] in ("delete", "unpublish"):
        tell_aliases(request, Page.objects.filter(pk__in=request.GET.getlist("id")))
    if request.method == "POST" and issubclass(model, Page):
        pages = Page.objects.filter(pk__in=request.GET.getlist("id"))
        if (names[2] in ("delete", "move") or request.POST.get("include_descendants")) and hidden_below(pages):
            messages.error(request, _("Below this page are pages that are not for you. Ask somebody who may see them."))
            return redirect("wagtailadmin_explore_root")
    return None
