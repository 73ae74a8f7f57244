"""The tables of the figures page as CSV files, in the notation of the reader's spreadsheet."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol

from django.http import HttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from discovery.analytics import figures, gap_report
from discovery.analytics.gap_report import DetailedGapRow
from discovery.models import Gap
from web.http import Viewer
from web.spreadsheets import as_text

TABLES = ("gaps", "top", "unclicked", "otherwise", "days")
MOST = 5_000  # rows
Table = tuple[list[str], Iterable[tuple[Any, ...]]]  # headings, and the values of each row


class Selection(Protocol):
    """Which period, language and gaps."""

    @property
    def period(self) -> tuple[date, date, str]: ...  # noqa: D102 # first day, last day, language

    @property
    def state(self) -> str: ...  # noqa: D102 # of gaps


def table(name: str, selection: Selection, viewer: Viewer) -> HttpResponse:
    """Return one of TABLES as CSV."""
    first, last, _language = selection.period
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="search-{name}-{first}-{last}.csv"'
    response.write("\ufeff")  # so that spreadsheets read UTF-8
    headings, rows = _gaps(selection, viewer) if name == "gaps" else _figures(name, selection)
    # Spreadsheets of people who write decimals with a comma expect semicolons between cells.
    writer = csv.writer(response, delimiter=";" if formats.get_format("DECIMAL_SEPARATOR") == "," else ",")
    writer.writerow(headings)
    writer.writerows([cell(value) for value in row] for row in rows)
    return response


def _gaps(selection: Selection, viewer: Viewer) -> Table:
    rows = gap_report.gaps(*selection.period, state=selection.state, limit=MOST)
    detailed = gap_report.add_details(rows, *selection.period[:2], viewer, selection.state)
    headings = [
        *_query_headings(),
        _("In other words"),
        _("People"),
        _("Times"),
        _("Found nothing"),
        _("Asked in a chat"),
        _("Asked a question"),
        _("Tried other words"),
        _("Nothing more"),
        _("Waiting for an answer"),
        _("Last"),
    ]
    more: dict[str, list[str]] = {
        Gap.State.OPEN: [_("Times in the period before")],
        Gap.State.ANSWERED: [_("Answered"), _("Answer"), _("By")],
        Gap.State.HIDDEN: [_("Why"), _("Note"), _("By"), _("On")],
    }
    return headings + more[selection.state], [
        (
            row.text, row.language, " | ".join(row.other_wordings), row.people, row.times, row.found_nothing,
            row.chats, row.questions, row.retried, row.left, row.waiting, row.last, *_closing(row),
        )
        for row in detailed
    ]  # fmt: skip


def _closing(row: DetailedGapRow) -> tuple[Any, ...]:
    """Return the values of a gap that its state adds."""
    gap = row.gap
    by = str(gap.hidden_by or row.answered_by or "")
    if gap.state == Gap.State.OPEN:
        return (row.before,)
    if gap.state == Gap.State.ANSWERED:
        return gap.answered, row.answer.title if row.answer else "", by
    return gap.get_reason_display(), gap.note, by, gap.hidden


def _figures(name: str, selection: Selection) -> Table:
    counts = [
        _("People"),
        _("Found nothing"),
        _("Opened a result"),
        _("Tried other words"),
        _("Asked in a chat"),
        _("Asked a question"),
    ]
    if name == "otherwise":
        pairs = figures.reformulated_pairs(*selection.period, limit=MOST)
        headings = [*_query_headings(), _("Then searched for"), _("Times"), _("People")]
        return headings, [(row.text, row.language, row.found_as, row.searches, row.people) for row in pairs]
    if name in ("top", "unclicked"):
        read = figures.top if name == "top" else figures.least_clicked
        headings = [*_query_headings(), _("Times"), *counts, _("First"), _("Last")]
        return headings, [
            (row.text, row.language, *_counts(row), row.first, row.last) for row in read(*selection.period, limit=MOST)
        ]
    headings = [_("Day"), _("Searches"), *counts, _("Rank of the opened result")]
    return headings, [(day.day, *_counts(day), day.place) for day in figures.by_day(*selection.period)]


def _counts(row: figures.QueryRow | figures.Totals) -> tuple[int, ...]:
    return row.searches, row.people, row.zero, row.clicked, row.reformulated, row.chats, row.questions


def _query_headings() -> list[str]:
    return [_("Searched for"), _("Language")]


def cell(value: Any) -> Any:
    """Return a value as the reader's spreadsheet reads it, never as a formula."""
    if isinstance(value, float):
        return str(formats.number_format(round(value, 2), force_grouping=False))
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str):
        return as_text(value)
    return "" if value is None else value
