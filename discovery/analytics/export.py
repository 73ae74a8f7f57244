"""The tables of what search teaches, as files that a spreadsheet opens in the reader's own notation."""

import csv
from datetime import date, datetime
from typing import Any, Protocol

from django.http import HttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from discovery.analytics import gap_report, metrics
from discovery.models import Gap
from web.http import Viewer
from web.spreadsheets import as_text

TABLES = ("gaps", "top", "unclicked", "otherwise", "days")
MOST = 5_000  # rows
Columns = list[tuple[str, str]]  # heading and name of the value


class Choice(Protocol):
    """Which period, language and gaps."""

    @property
    def period(self) -> tuple[date, date, str]: ...  # noqa: D102 # first day, last day, language

    @property
    def state(self) -> str: ...  # noqa: D102 # of gaps


def table(name: str, choice: Choice, viewer: Viewer) -> HttpResponse:
    """One of TABLES as CSV."""
    first, last, _language = choice.period
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="search-{name}-{first}-{last}.csv"'
    response.write("\ufeff")  # so that spreadsheets read UTF-8
    columns, rows = _gaps(choice, viewer) if name == "gaps" else _figures(name, choice)
    # Spreadsheets of those who write decimals with a comma want semicolons between cells.
    writer = csv.writer(response, delimiter=";" if formats.get_format("DECIMAL_SEPARATOR") == "," else ",")
    writer.writerow([heading for heading, _name in columns])
    writer.writerows([cell(row[value]) for _heading, value in columns] for row in rows)
    return response


def _gaps(choice: Choice, viewer: Viewer) -> tuple[Columns, list[dict[str, Any]]]:
    rows = gap_report.gaps(*choice.period, state=choice.state, limit=MOST)
    gap_report.tell(rows, *choice.period[:2], viewer, choice.state)
    for row in rows:
        gap, answer = row["gap"], row.get("answer")
        row |= {
            "others": " | ".join(row["also"]),
            "reason": gap.get_reason_display(),
            "note": gap.note,
            "by": str(gap.hidden_by or row.get("by") or ""),
            "hidden": gap.hidden,
            "answered": gap.answered,
            "answer": answer.title if answer else "",
        }
    columns = [
        *_query(),
        (_("In other words"), "others"),
        (_("People"), "n_gap_people"),
        (_("Times"), "n_gaps"),
        (_("Found nothing"), "n_gap_zero"),
        (_("Asked in a chat"), "n_gap_chats"),
        (_("Asked a question"), "n_gap_questions"),
        (_("Tried other words"), "n_gap_retried"),
        (_("Nothing more"), "n_left"),
        (_("Wait to be told"), "waiting"),
        (_("Last"), "last"),
    ]
    more: dict[str, Columns] = {
        Gap.State.OPEN: [(_("Times in the period before"), "before")],
        Gap.State.ANSWERED: [(_("Answered"), "answered"), (_("Answer"), "answer"), (_("By"), "by")],
        Gap.State.HIDDEN: [(_("Why"), "reason"), (_("Note"), "note"), (_("By"), "by"), (_("On"), "hidden")],
    }
    return columns + more[choice.state], rows


def _figures(name: str, choice: Choice) -> tuple[Columns, list[dict[str, Any]]]:
    counted = [
        (_("Times"), "n_searches"),
        (_("People"), "n_people"),
        (_("Found nothing"), "n_zero"),
        (_("Opened a result"), "n_clicked"),
        (_("Tried other words"), "n_reformulated"),
        (_("Asked in a chat"), "n_chats"),
        (_("Asked a question"), "n_questions"),
        (_("First"), "first"),
        (_("Last"), "last"),
    ]
    if name == "otherwise":
        found = [(_("Then searched for"), "found_as"), *counted[:2]]
        return [*_query(), *found], metrics.found_otherwise(*choice.period, limit=MOST)
    if name in ("top", "unclicked"):
        read = metrics.top if name == "top" else metrics.least_clicked
        return [*_query(), *counted], read(*choice.period, limit=MOST)
    rows = [
        {"day": day.day, "place": day.place, **{f"n_{n}": getattr(day, n) for n in metrics.NAMES}}
        for day in metrics.by_day(*choice.period)
    ]
    searches = [(_("Day"), "day"), (_("Searches"), "n_searches"), *counted[1:-2]]
    return [*searches, (_("Place of what was opened"), "place")], rows


def _query() -> Columns:
    return [(_("Searched for"), "text"), (_("Language"), "language")]


def cell(value: Any) -> Any:
    """As the reader's spreadsheet reads it, and no formula."""
    if isinstance(value, float):
        return str(formats.number_format(round(value, 2), force_grouping=False))
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str):
        return as_text(value)
    return "" if value is None else value
