"""Limits of rich text, and what its conversion may cost."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from wagtail.admin.rich_text import DraftailRichTextArea

from kb.blocks import RICH_TEXT, article_blocks
from kb.editor import RichTextArea
from kb.rich_text import ALL_RANGES, LONGEST, LONGEST_PARAGRAPH, RANGES

BLOCK = {"key": "a", "text": "x", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}


def sent(*blocks: dict[str, Any]) -> str:
    """Return the editor's JSON."""
    return json.dumps({"blocks": [BLOCK | block for block in blocks], "entityMap": {}})


def bold(offset: int, length: int = 1) -> dict[str, Any]:
    """Return a bold range."""
    return {"offset": offset, "length": length, "style": "BOLD" if offset % 2 else "ITALIC"}


def stored(text: str) -> str:
    """Return the converted text."""
    return RichTextArea(features=RICH_TEXT).value_from_datadict({"body": text}, {}, "body")


def test_json_that_costs_more_than_its_length_is_refused_unconverted() -> None:
    nested = [bold(offset, 4_000 - offset) for offset in range(RANGES + 1)]
    costly = [
        sent({"type": "unordered-list-item", "depth": 1_000_000}),
        sent({"text": "ab" * 2_000, "inlineStyleRanges": nested}),
        sent({"text": "\n" * 20_000}),
        sent(*[{"text": "ab" * 2_000, "inlineStyleRanges": nested[:RANGES]}] * (ALL_RANGES // RANGES + 1)),
        sent(*[{"text": ""}] * 11_000),
        sent({"text": "a" * 3_000_000}),
    ]
    with patch.object(DraftailRichTextArea, "value_from_datadict") as converted:
        for text in costly:
            with pytest.raises(ValueError, match="editor") as refused:
                stored(text)
            assert refused.value.__cause__ is None
    assert not converted.called


def test_an_empty_editor_sends_no_text() -> None:
    assert stored("null") == stored(sent())


def test_what_is_no_text_leaves_no_long_traceback() -> None:
    for text in ("[" * 100_000, sent({"inlineStyleRanges": 1}), "[1]"):
        with pytest.raises(ValueError) as refused:
            stored(text)
        assert len(refused.traceback) < 10
        assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_text_that_is_too_long_is_refused_beside_it_and_kept() -> None:
    (block,) = [block for name, block in article_blocks() if name == "text"]
    paragraph = {"text": "a & b " * (LONGEST_PARAGRAPH // 6)}
    for text, fits in (
        (sent(paragraph, paragraph), True),
        (sent({"text": "a" * (LONGEST_PARAGRAPH + 1)}), False),
        (sent(*[paragraph] * (LONGEST // LONGEST_PARAGRAPH), {"text": "a" * 30}), False),
    ):
        value = block.value_from_datadict({"body": text}, {}, "body")
        assert len(value.source) > LONGEST_PARAGRAPH
        if fits:
            assert block.clean(value).source == value.source
        else:
            with pytest.raises(ValidationError, match="too long|te lang"):
                block.clean(value)
