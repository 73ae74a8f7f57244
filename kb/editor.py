"""The rich text editor."""

from collections.abc import Mapping
from typing import Any

from draftjs_exporter.error import ExporterException
from wagtail.admin.rich_text import DraftailRichTextArea

from kb.rich_text import check_json

# Raised by the conversion for JSON that no editor sends: nested too deep, numbers for blocks, unknown entities.
_NO_TEXT = (RecursionError, ExporterException, AttributeError, TypeError, LookupError)


class RichTextArea(DraftailRichTextArea):
    """Wagtail's editor, which accepts any JSON, with a check of what is sent."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> Any:
        """Return the text as stored. Raises ValueError for JSON that is no text; /cms/ then answers 400 (`web.cms`)."""
        try:
            if sent := data.get(name):
                check_json(sent)
            return super().value_from_datadict(data, files, name)
        except _NO_TEXT:
            raise ValueError("This is no rich text.") from None  # its traceback may be as long as what was sent
