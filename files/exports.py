"""Wagtail's exports without formulas."""

from typing import Any

from django.utils.encoding import force_str
from wagtail.admin.views.mixins import SpreadsheetExportMixin, list_to_str

from web.spreadsheets import as_text


def _cell(value: Any) -> Any:
    plain = force_str(value, strings_only=True)  # numbers, moments and None stay what they are
    return as_text(plain) if isinstance(plain, str) else plain


def neutralise() -> None:
    """Make every CSV export of Wagtail write text as text. Its XLSX exports do so already."""
    csv = SpreadsheetExportMixin.FORMAT_CSV
    of_type = SpreadsheetExportMixin.custom_value_preprocess  # looked up in order: `object` comes last
    of_type[list][csv] = lambda value: as_text(list_to_str(value))
    of_type[object] = {csv: _cell}
