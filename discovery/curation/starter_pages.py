"""The page of the starter list under /cms/: what adding it does, and how to undo that."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import require
from accounts.requests import Request
from discovery.curation import actions, starter_synonyms
from discovery.permissions import can_curate
from search.language import LANGUAGES
from search.models import Synonym

NAMES = {"nl": _("Dutch"), "en": _("English")}


class StarterForm(forms.Form):
    """Which lists to add."""

    languages = forms.MultipleChoiceField(
        label=_("Lists"),
        choices=[(language, NAMES[language]) for language in LANGUAGES],
        initial=list(LANGUAGES),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one list.")},
    )
    again = forms.BooleanField(label=_("Also what was removed here before"), required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def starter(request: Request) -> HttpResponse:
    """Show what adding would do; POST adds. `?remove=1` asks for confirmation before removing."""
    require(can_curate(request.viewer))
    form = StarterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.add_starter(
                by=request.viewer, languages=form.cleaned_data["languages"], again=form.cleaned_data["again"]
            )
        except starter_synonyms.NoRoom:
            form.add_error(None, _("There is no room for so many rows. Choose one list, or remove other rows first."))
        else:
            count = len(done.new)
            said = ngettext("%(count)s row has been added.", "%(count)s rows have been added.", count)
            messages.success(request, said % {"count": count})
            return redirect(reverse("search_synonyms:index") + f"?origin={Synonym.Origin.STARTER}")
    return render(request, "discovery/cms/starter.html", _context(request, form))


def _context(request: Request, form: StarterForm) -> dict[str, Any]:
    plans = [(NAMES[language], starter_synonyms.plan([language])) for language in LANGUAGES]
    if not any(plan.removed for _name, plan in plans):
        del form.fields["again"]
    return {
        "form": form,
        "plans": plans,
        "nothing": not any(plan.new or plan.removed for _name, plan in plans),
        "unchanged": starter_synonyms.unchanged().count(),
        "changed": Synonym.objects.filter(origin=Synonym.Origin.CHANGED).count(),
        "confirm": "remove" in request.GET,
    }


@require_POST
def remove(request: Request) -> HttpResponse:
    """Remove the unchanged rows."""
    count = actions.remove_starter(by=request.viewer)
    said = ngettext("%(count)s row has been removed.", "%(count)s rows have been removed.", count)
    messages.success(request, said % {"count": count})
    return redirect("search_synonyms:index")
