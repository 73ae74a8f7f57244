"""The page under /cms/ that shows what a change does before it is saved."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import require
from accounts.requests import Request
from discovery.curation import preview
from discovery.curation.forms import BestBetForm, SynonymForm
from discovery.permissions import can_curate
from search.curation import snapshot
from search.models import BestBet, Synonym
from search.viewers import EVERYBODY
from web.http import Viewer

Row = Synonym | BestBet
FORMS: dict[str, tuple[type[Any], type[Any], str]] = {
    "synonyms": (Synonym, SynonymForm, "search_synonyms"),
    "recommended": (BestBet, BestBetForm, "search_best_bets"),
}


class SampleForm(forms.Form):
    """Which queries to try, and as whom."""

    samples = forms.CharField(
        label=_("Searches to try"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("One a line, at most eight."),
    )
    public = forms.ChoiceField(
        label=_("As they are found by"),
        required=False,
        choices=[("", _("you")), ("public", _("visitors who are not signed in"))],
        widget=forms.RadioSelect,
    )

    def texts(self) -> list[str]:
        """Return the queries."""
        return [line.strip() for line in self.cleaned_data["samples"].splitlines() if line.strip()]


@never_cache
@require_http_methods(["GET", "POST"])
def change(request: Request, kind: str, pk: int | None = None) -> HttpResponse:
    """Compare results before and after what the editor's form holds (POST), or without and with a stored row (GET)."""
    require(can_curate(request.viewer))
    if kind not in FORMS:
        raise Http404
    model, form_class, name = FORMS[kind]
    row = get_object_or_404(model, pk=pk) if pk else None
    viewer = request.viewer
    given = {"viewer": viewer} if form_class is BestBetForm else {}
    posted = request.method == "POST"
    data: Any = request.POST if posted else None
    form = form_class(data, instance=get_object_or_404(model, pk=pk) if pk else model(), **given)
    context: dict[str, Any] = {
        "form": form,
        "carried": [(key, value) for key in form.fields for value in request.POST.getlist(key)],
        "page_title": _("What does this change?"),
        "header_icon": "view",
        "action": reverse("search_preview", args=[kind, pk] if pk else [kind]),
        "breadcrumbs_items": [
            {"url": reverse(f"{name}:index"), "label": capfirst(model._meta.verbose_name_plural)},
            {"url": "", "label": _("What does this change?")},
        ],
    }
    if not posted or form.is_valid():
        instead = form.instance
        samples = SampleForm(data if "samples" in request.POST else {"samples": "\n".join(_samples(instead))})
        context |= {"row": instead, "samples": samples}
        if samples.is_valid():
            context["comparisons"] = _comparisons(samples, viewer, row, instead, posted)
    return render(request, "discovery/cms/preview.html", context)


def _comparisons(
    samples: SampleForm, viewer: Viewer, row: Row | None, instead: Row, posted: bool
) -> list[preview.Comparison]:
    after = snapshot.load(without=row, instead=instead if instead.active else None)
    before = snapshot.load() if posted else snapshot.load(without=row)
    who = EVERYBODY if samples.cleaned_data["public"] else viewer
    return preview.compare(samples.texts(), viewer=who, language=get_language() or "", before=before, after=after)


def _samples(row: Row) -> list[str]:
    return preview.samples([*row.term_list, *row.to_list] if isinstance(row, Synonym) else row.query_list)
