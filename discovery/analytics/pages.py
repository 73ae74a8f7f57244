"""The curators' page of figures under /cms/: totals, charts, gaps, frequent queries; its tables as CSV."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from accounts.permissions import require
from accounts.requests import Request
from discovery.analytics import charts, export, figures, gap_report, gaps, pseudonym
from discovery.models import Gap
from discovery.permissions import can_curate
from kb.capture import faq_form
from web import params
from web.addresses import local_url

PERIODS = (7, 30, 90)
PAGE, MOST_SHOWN = 25, 500  # gaps


@dataclass(frozen=True, slots=True)
class Selection:
    """The period, language and gaps that the page shows."""

    days: int
    language: str
    first: date
    last: date
    state: str  # of gaps
    show: int  # number of gaps

    @property
    def period(self) -> tuple[date, date, str]:
        """First day, last day, language."""
        return self.first, self.last, self.language

    def address(self, **other: str | int) -> str:
        """Return the page's address with this selection, or with other values in it."""
        values = {"days": self.days, "language": self.language, "gaps": self.state, **other}
        if values["gaps"] == Gap.State.OPEN:
            del values["gaps"]
        return f"{reverse('search_dashboard')}?{urlencode({name: value for name, value in values.items() if value})}"


def selected(request: Request) -> Selection:
    """Return the selection in the address; defaults for values that are not offered."""
    given = request.GET
    days = next((n for n in PERIODS if str(n) == given.get("days")), 30)
    language, state, show = given.get("language", ""), given.get("gaps", ""), given.get("show", "")
    last = pseudonym.now().date()
    return Selection(
        days,
        language if language in dict(settings.LANGUAGES) else "",
        last - timedelta(days=days - 1),
        last,
        state if state in Gap.State.values else str(Gap.State.OPEN),
        min(max(params.number(show, 9_999) or 0, PAGE), MOST_SHOWN),
    )


@never_cache
@require_safe
def dashboard(request: Request) -> HttpResponse:
    """Show figures and tables.

    `?days=` 7, 30 or 90, `?language=`, `?gaps=` a state and `?show=` how many of them; `?csv=` a table to download.
    """
    require(can_curate(request.viewer))
    selection = selected(request)
    if (table := request.GET.get("csv", "")) in export.TABLES:
        return export.table(table, selection, request.viewer)
    days = figures.by_day(*selection.period)
    before = figures.by_day(
        selection.first - timedelta(days=selection.days), selection.first - timedelta(days=1), selection.language
    )
    context = {
        "selection": selection,
        "days": days,
        "total": figures.total(days),
        "before": figures.total(before),
        "charts": _charts(days) if any(day.searches for day in days) else [],
        "top": figures.top(*selection.period),
        "unclicked": figures.least_clicked(*selection.period),
        "reformulations": figures.reformulated_pairs(*selection.period),
        "periods": [(n, selection.address(days=n)) for n in PERIODS],
        "languages": [("", _("All languages"), selection.address(language=""))]
        + [(code, str(name), selection.address(language=code)) for code, name in settings.LANGUAGES],
        "exports": {name: selection.address(csv=name) for name in export.TABLES},
        "log_days": settings.SEARCH_LOG_DAYS,
        **_gaps(request, selection),
    }
    return render(request, "discovery/cms/figures.html", context)


def _gaps(request: Request, selection: Selection) -> dict[str, Any]:
    state = selection.state
    counts = gap_report.counts(*selection.period)
    rows = gap_report.gaps(*selection.period, state=state, limit=selection.show)
    detailed = gap_report.add_details(rows, selection.first, selection.last, request.viewer, state)
    names = {Gap.State.OPEN: _("To answer"), Gap.State.ANSWERED: _("Answered"), Gap.State.HIDDEN: _("Not for us")}
    more = selection.address(show=selection.show + PAGE)
    return {
        "gaps": [replace(row, draft_url=faq_form(request.viewer, row.text, row.language)) for row in detailed],
        "tabs": [(each, name, counts[str(each)], selection.address(gaps=str(each))) for each, name in names.items()],
        "here": selection.address(show=selection.show if selection.show > PAGE else ""),
        "more": more if len(rows) < min(counts[state], MOST_SHOWN) else "",
        "reasons": Gap.Reason.choices,
    }


@require_POST
def hide_gap(request: Request, pk: int) -> HttpResponse:
    """Take a gap off the list (`reason`, `note`). Goes back to `next`."""
    gap = _gap(request, pk)
    if request.POST.get("reason") not in Gap.Reason.values:
        messages.error(request, _("Give the reason why this is not for us."))
    else:
        gaps.hide(by=request.viewer, gap=gap, reason=request.POST["reason"], note=request.POST.get("note", ""))
        where = messages.button(f"{reverse('search_dashboard')}?gaps=hidden#h-gaps", _("See what is not for us"))
        messages.success(request, _("“%(text)s” is not for us.") % {"text": gap.text}, buttons=[where])
    return _back(request)


@require_POST
def reopen_gap(request: Request, pk: int) -> HttpResponse:
    """Put a gap back on the list. Goes back to `next`."""
    gap = _gap(request, pk)
    gaps.reopen(by=request.viewer, gap=gap)
    messages.success(request, _("“%(text)s” is on the list of what to answer again.") % {"text": gap.text})
    return _back(request)


def _gap(request: Request, pk: int) -> Gap:
    """Return a gap for a curator. One that too few people have looks absent."""
    require(can_curate(request.viewer))
    gap = get_object_or_404(Gap, pk=pk)
    if not gap_report.is_shown(gap):
        raise Http404
    return gap


def _back(request: Request) -> HttpResponse:
    address = local_url(request.POST.get("next")) or reverse("search_dashboard")
    return redirect(f"{address}#h-gaps")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with what it shows in words, for readers who do not see it."""

    title: str
    observations: int
    svg: SafeString
    range: tuple[str, str] | None  # the lowest and the highest day; None without observations


def _charts(days: list[figures.Totals]) -> list[Chart]:
    total = figures.total(days)
    places = [day.place for day in days]
    zero, click_through = [day.zero_share for day in days], [day.click_through for day in days]
    return [
        _chart(_("Searches a day"), total.searches, charts.bars, days, [day.searches for day in days], charts.number),
        _chart(_("Found nothing"), total.searches, charts.line, days, zero, charts.percentage),
        _chart(_("Opened a result"), total.searches, charts.line, days, click_through, charts.percentage),
        _chart(_("Rank of the opened result"), total.clicked, charts.places, days, places, charts.number),
    ]


def _chart(
    title: str,
    observations: int,
    draw: Callable[[str, Sequence[date], Sequence[Any]], SafeString],
    days: list[figures.Totals],
    values: Sequence[float | None],
    written: Callable[[float], str],
) -> Chart:
    """Draw one value a day; `written` formats it."""
    known = [value for value in values if value is not None]
    lowest_and_highest = (written(round(min(known), 3)), written(round(max(known), 3))) if known else None
    dates = [day.day for day in days if day.day]
    return Chart(title, observations, draw(title, dates, values), lowest_and_highest)
