"""Limits of rich text."""

import html
import json
import re

from django.utils.translation import gettext as _

# Limits of the JSON that an editor sends, since converting JSON may cost far more than its length suggests: nested
# lists; links, bold words and line breaks of a paragraph; totals of a text.
DEPTH, RANGES, LINES = 20, 200, 500
ALL_RANGES, PARAGRAPHS, SIZE = 5_000, 10_000, 2_000_000
# Limits of the text, in characters.
LONGEST, LONGEST_PARAGRAPH = 100_000, 20_000
_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre)>")
_TAG = re.compile(r"<[^>]*>")


def check_json(sent: str) -> None:
    """Raise ValueError for JSON that is too costly to convert. JSON that is no text may raise other exceptions."""
    if len(sent) > SIZE:
        raise ValueError("more JSON than an editor sends")
    if (content := json.loads(sent)) is None:  # from an empty editor
        return
    all_ranges, paragraphs = 0, content["blocks"]
    if len(paragraphs) > PARAGRAPHS:
        raise ValueError("more paragraphs than an editor sends")
    for block in paragraphs:
        ranges = len(block.get("inlineStyleRanges") or ()) + len(block.get("entityRanges") or ())
        all_ranges += ranges
        if ranges > RANGES or all_ranges > ALL_RANGES or block["text"].count("\n") > LINES:
            raise ValueError("more links, bold words or new lines than an editor sends")
        if (block.get("depth") or 0) > DEPTH:
            raise ValueError("deeper than an editor nests lists")


def too_long(source: str) -> str:
    """Return the error message for a text that is too long, "" for one that fits."""
    if len(source) <= LONGEST_PARAGRAPH:
        return ""
    lengths = [len(html.unescape(_TAG.sub("", paragraph))) for paragraph in _END.split(source)]
    if sum(lengths) > LONGEST:
        text = _("This text is too long: %(length)s characters of at most %(most)s. Split it into several articles.")
        return text % {"length": sum(lengths), "most": LONGEST}
    if max(lengths) > LONGEST_PARAGRAPH:
        text = _("A paragraph is too long: %(length)s characters of at most %(most)s. Split it.")
        return text % {"length": max(lengths), "most": LONGEST_PARAGRAPH}
    return ""
