"""The editor of rich text."""

from collections.abc import Mapping
from typing import Any

from draftjs_exporter.error import ExporterException
from wagtail.admin.rich_text import DraftailRichTextArea

from kb.rich_text import check_json

# What the conversion raises for JSON that no editor sends: nested too deep, numbers for blocks, entities that are none.
_NO_TEXT = (RecursionError, ExporterException, AttributeError, TypeError, LookupError)


class RichTextArea(DraftailRichTextArea):
    """Wagtail's own, which takes any JSON."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> Any:
        """The text as it is stored. Raises ValueError, which /cms/ answers with 400 (`web.cms`), for what is none."""
        try:
            if sent := data.get(name):
                check_json(sent)
            return super().value_from_datadict(data, files, name)
        except _NO_TEXT:
            raise ValueError("This is no rich text.") from None  # its traceback may be as long as what was sent
