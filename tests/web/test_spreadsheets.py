"""No export contains a formula: our own, and every export of Wagtail, now or later."""

import csv
import io
from types import SimpleNamespace

from wagtail.admin.views.mixins import SpreadsheetExportMixin

from web.spreadsheets import as_text

FORMULAS = ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"]


def test_what_a_spreadsheet_would_compute_becomes_text() -> None:
    computed = [text for text in FORMULAS if as_text(text) != f"'{text}"]
    assert not computed
    for text in ("verlof", "a=b", "", "'=1", "1-2"):
        assert as_text(text) == text


class Named:
    """A row whose name is a formula."""

    def __str__(self) -> str:
        return FORMULAS[0]


def test_every_kind_of_value_in_wagtails_exports() -> None:
    class View(SpreadsheetExportMixin):
        list_export = ["value"]

    def exported(values: list[object]) -> list[str]:
        items = [SimpleNamespace(value=value) for value in values]
        text = b"".join(View().stream_csv(items)).decode()
        return [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]

    seen = exported([*FORMULAS, Named(), [FORMULAS[0], "b"]])
    assert [text for text in seen if not text.startswith("'")] == []
    assert exported([3, -2.5, True, "verlof"]) == ["3", "-2.5", "True", "verlof"]


def test_no_view_has_a_way_of_its_own() -> None:
    def below(view: type) -> set[type]:
        return {view}.union(*(below(child) for child in view.__subclasses__()))

    import wagtail.admin.views.reports.aging_pages
    import wagtail.admin.views.reports.workflows  # noqa: F401  # loads the views

    writes = {"write_csv_row", "preprocess_field_value", "get_preprocess_function", "custom_value_preprocess"}
    own = [
        view.__qualname__
        for view in below(SpreadsheetExportMixin) - {SpreadsheetExportMixin}
        if writes & set(vars(view)) and not view.__module__.startswith("tests.")
    ]
    assert not own, f"these write their cells themselves: {own}"
