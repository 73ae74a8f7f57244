"""How much rich text may hold."""

import html
import json
import re

from django.utils.translation import gettext as _

# What an editor sends at most, since JSON may cost far more to convert than its length: lists within lists; links, bold
# words and new lines of a paragraph; all of a text.
DEPTH, RANGES, LINES = 20, 200, 500
ALL_RANGES, PARAGRAPHS, SIZE = 5_000, 10_000, 2_000_000
# What people may write, in characters.
LONGEST, LONGEST_PARAGRAPH = 100_000, 20_000
_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre)>")
_TAG = re.compile(r"<[^>]*>")


def check_json(sent: str) -> None:
    """Raise ValueError for JSON that no editor sends because it would cost too much, and whatever other JSON raises
    that is no text."""
    if len(sent) > SIZE:
        raise ValueError("more JSON than an editor sends")
    if (content := json.loads(sent)) is None:  # an empty editor's
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
    """What to say of a stored text that is too long; "" for one that is not."""
    if len(source) <= LONGEST_PARAGRAPH:
        return ""
    lengths = [len(html.unescape(_TAG.sub("", paragraph))) for paragraph in _END.split(source)]
    if sum(lengths) > LONGEST:
        text = _("This text is too long: %(length)s characters, and %(most)s fit. Make several articles of it.")
        return text % {"length": sum(lengths), "most": LONGEST}
    if max(lengths) > LONGEST_PARAGRAPH:
        text = _("A paragraph is too long: %(length)s characters, and %(most)s fit. Divide it.")
        return text % {"length": max(lengths), "most": LONGEST_PARAGRAPH}
    return ""
