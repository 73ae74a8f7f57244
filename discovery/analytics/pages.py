"""What search teaches: the curators' page under /cms/ with figures, gaps and queries, and its tables as CSV."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from accounts.requests import Request
from discovery.analytics import charts, export, gap_report, gaps, metrics, pseudonym
from discovery.models import Gap
from discovery.permissions import can_curate
from kb.capture import faq_form
from web import params
from web.addresses import local_url

PERIODS = (7, 30, 90)
PIECE, MOST_SHOWN = 25, 500  # gaps


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page is about."""

    days: int
    language: str
    first: date
    last: date
    state: str  # of gaps
    show: int  # how many of them

    @property
    def period(self) -> tuple[date, date, str]:
        """First day, last day, language."""
        return self.first, self.last, self.language

    def address(self, **other: str | int) -> str:
        """The page's address with this choice, or with another."""
        values = {"days": self.days, "language": self.language, "gaps": self.state, **other}
        if values["gaps"] == Gap.State.OPEN:
            del values["gaps"]
        return f"{reverse('search_dashboard')}?{urlencode({name: value for name, value in values.items() if value})}"


def chosen(request: Request) -> Choice:
    """Period, language and gaps out of the address; what is not offered is the first of what is."""
    given = request.GET
    days = next((n for n in PERIODS if str(n) == given.get("days")), 30)
    language, state, show = given.get("language", ""), given.get("gaps", ""), given.get("show", "")
    last = pseudonym.now().date()
    return Choice(
        days,
        language if language in dict(settings.LANGUAGES) else "",
        last - timedelta(days=days - 1),
        last,
        state if state in Gap.State.values else str(Gap.State.OPEN),
        min(max(params.number(show, 9_999) or 0, PIECE), MOST_SHOWN),
    )


@never_cache
@require_safe
def dashboard(request: Request) -> HttpResponse:
    """Figures and tables. `?days=` 7, 30 or 90, `?language=`, `?gaps=` a state and `?show=` how many of them, `?csv=`
    the name of a table."""
    if not can_curate(request.user):
        raise PermissionDenied
    choice = chosen(request)
    if (table := request.GET.get("csv", "")) in export.TABLES:
        return export.table(table, choice, request.viewer)
    days = metrics.by_day(*choice.period)
    before = metrics.by_day(
        choice.first - timedelta(days=choice.days), choice.first - timedelta(days=1), choice.language
    )
    context = {
        "choice": choice,
        "days": days,
        "total": metrics.total(days),
        "before": metrics.total(before),
        "charts": _charts(days) if any(day.searches for day in days) else [],
        "top": metrics.top(*choice.period),
        "unclicked": metrics.least_clicked(*choice.period),
        "otherwise": metrics.found_otherwise(*choice.period),
        "periods": [(n, choice.address(days=n)) for n in PERIODS],
        "languages": [("", _("All languages"), choice.address(language=""))]
        + [(code, str(name), choice.address(language=code)) for code, name in settings.LANGUAGES],
        "exports": {name: choice.address(csv=name) for name in export.TABLES},
        "log_days": settings.SEARCH_LOG_DAYS,
        **_gaps(request, choice),
    }
    return render(request, "discovery/cms/figures.html", context)


def _gaps(request: Request, choice: Choice) -> dict[str, Any]:
    state, viewer = choice.state, request.viewer
    counts = gap_report.counts(*choice.period)
    rows = gap_report.gaps(*choice.period, state=state, limit=choice.show)
    gap_report.tell(rows, choice.first, choice.last, viewer, state)
    for row in rows:
        row["draft_url"] = faq_form(request.viewer, row["text"], row["language"])
    names = {Gap.State.OPEN: _("To answer"), Gap.State.ANSWERED: _("Answered"), Gap.State.HIDDEN: _("Not for us")}
    return {
        "gaps": rows,
        "tabs": [(each, name, counts[str(each)], choice.address(gaps=str(each))) for each, name in names.items()],
        "here": choice.address(show=choice.show if choice.show > PIECE else ""),
        "more": choice.address(show=choice.show + PIECE) if len(rows) < min(counts[state], MOST_SHOWN) else "",
        "reasons": Gap.Reason.choices,
    }


@require_POST
def hide_gap(request: Request, pk: int) -> HttpResponse:
    """Not for us (`reason`, `note`). Goes back to `next`."""
    gap = _gap(request, pk)
    if request.POST.get("reason") not in Gap.Reason.values:
        messages.error(request, _("Say why this is not for us."))
    else:
        gaps.hide(by=request.user, gap=gap, reason=request.POST["reason"], note=request.POST.get("note", ""))
        where = messages.button(f"{reverse('search_dashboard')}?gaps=hidden#h-gaps", _("See what is not for us"))
        messages.success(request, _("“%(text)s” is not for us.") % {"text": gap.text}, buttons=[where])
    return _back(request)


@require_POST
def reopen_gap(request: Request, pk: int) -> HttpResponse:
    """It is to be answered after all. Goes back to `next`."""
    gap = _gap(request, pk)
    gaps.reopen(by=request.user, gap=gap)
    messages.success(request, _("“%(text)s” is on the list of what to answer again.") % {"text": gap.text})
    return _back(request)


def _gap(request: Request, pk: int) -> Gap:
    if not can_curate(request.user):
        raise PermissionDenied
    gap = get_object_or_404(Gap, pk=pk)
    if not gap_report.is_shown(gap):
        raise Http404
    return gap


def _back(request: Request) -> HttpResponse:
    address = local_url(request.POST.get("next")) or reverse("search_dashboard")
    return redirect(f"{address}#h-gaps")


def _charts(days: list[metrics.Totals]) -> list[dict[str, Any]]:
    dates = [day.day for day in days if day.day]
    total = metrics.total(days)
    drawn: list[tuple[str, int, Any, list[float | None], Any]] = [
        (_("Searches a day"), total.searches, charts.bars, [day.searches for day in days], charts.number),
        (_("Found nothing"), total.searches, charts.line, [day.zero_share for day in days], charts.percentage),
        (_("Opened a result"), total.searches, charts.line, [day.click_through for day in days], charts.percentage),
        (_("Place of what was opened"), total.clicked, charts.places, [day.place for day in days], charts.number),
    ]
    return [
        {"title": title, "observations": count, "svg": draw(title, dates, values), "range": _range(values, written)}
        for title, count, draw, values, written in drawn
    ]


def _range(values: list[float | None], written: Any) -> tuple[str, str] | None:
    """The lowest and the highest day, in words for those who do not see the chart."""
    there = [value for value in values if value is not None]
    return (written(round(min(there), 3)), written(round(max(there), 3))) if there else None
