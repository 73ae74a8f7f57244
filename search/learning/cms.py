"""What search teaches: the curators' page under /cms/ with figures, gaps and queries, and its tables as CSV."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.learning import charts, metrics, searcher, teaching
from search.permissions import can_curate

PERIODS = (7, 30, 90)
TABLES = {"gaps": metrics.gaps, "top": metrics.top, "unclicked": metrics.least_clicked, "days": None}
MOST_EXPORTED = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page is about."""

    days: int
    language: str
    first: date
    last: date

    def address(self, **other: str | int) -> str:
        """The page's address with this choice, or with another."""
        values = {"days": self.days, "language": self.language, **other}
        return f"{reverse('search_dashboard')}?{urlencode({name: value for name, value in values.items() if value})}"


def chosen(request: HttpRequest) -> Choice:
    """Period and language out of the address; what is not offered is the first of what is."""
    days = next((n for n in PERIODS if str(n) == request.GET.get("days")), 30)
    language = request.GET.get("language", "")
    last = searcher.now().date()
    return Choice(days, language if language in dict(settings.LANGUAGES) else "", last - timedelta(days=days - 1), last)


@never_cache
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Figures and tables. `?days=` 7, 30 or 90, `?language=`, `?csv=` the name of a table."""
    if not can_curate(request.user):
        raise PermissionDenied
    choice = chosen(request)
    table = request.GET.get("csv", "")
    if table in TABLES:
        return _csv(table, choice)
    period = (choice.first, choice.last, choice.language)
    days = metrics.by_day(*period)
    before = metrics.by_day(choice.first - timedelta(days=choice.days), choice.first - timedelta(days=1), period[2])
    gaps = metrics.gaps(*period)
    for gap in gaps:
        gap["draft_url"] = teaching.draft_url(request.user, gap["text"], gap["language"])
    context = {
        "choice": choice,
        "days": days,
        "total": metrics.total(days),
        "before": metrics.total(before),
        "charts": _charts(days),
        "gaps": gaps,
        "top": metrics.top(*period),
        "unclicked": metrics.least_clicked(*period),
        "periods": [(n, choice.address(days=n)) for n in PERIODS],
        "languages": [("", _("All languages"), choice.address(language=""))]
        + [(code, str(name), choice.address(language=code)) for code, name in settings.LANGUAGES],
        "exports": {name: choice.address(csv=name) for name in TABLES},
        "log_days": settings.SEARCH_LOG_DAYS,
    }
    return render(request, "search/cms/figures.html", context)


def _charts(days: list[metrics.Totals]) -> list[dict[str, Any]]:
    dates = [day.day for day in days if day.day]
    searches, clicked = sum(day.searches for day in days), sum(day.clicked for day in days)
    drawn = [
        (_("Searches a day"), searches, charts.bars(_("Searches"), dates, [day.searches for day in days])),
        (
            _("Share that found nothing"),
            searches,
            charts.line(_("Found nothing"), dates, [day.zero_share for day in days]),
        ),
        (
            _("Share with a click"),
            searches,
            charts.line(_("Searches with a click"), dates, [day.click_through for day in days]),
        ),
        (
            _("How high stood what was opened (MRR, 1 is on top)"),
            clicked,
            charts.line("MRR", dates, [day.mrr for day in days], share=False),
        ),
    ]
    return [{"title": title, "observations": count, "svg": svg} for title, count, svg in drawn]


def _csv(table: str, choice: Choice) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"search-{table}-{choice.first}-{choice.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")  # so that spreadsheets read UTF-8
    writer = csv.writer(response)
    period = (choice.first, choice.last, choice.language)
    if (read := TABLES[table]) is None:
        names = ["day", *metrics.NAMES]
        rows: list[dict[str, Any]] = [
            {"day": day.day, **{n: getattr(day, n) for n in metrics.NAMES}} for day in metrics.by_day(*period)
        ]
    else:
        rows = read(*period, limit=MOST_EXPORTED)
        names = ["text", "language", *(f"n_{n}" for n in [*metrics.NAMES, "gaps", "gap_people"]), "first", "last"]
    writer.writerow([name.removeprefix("n_") for name in names])
    writer.writerows([neutral(row[name]) for name in names] for row in rows)
    return response


def neutral(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return value
