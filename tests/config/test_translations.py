"""The Dutch catalogues agree: Django merges them, so a string has one translation in the whole product."""

from collections import defaultdict

from config.translations import load, po_files


def test_a_string_has_one_translation() -> None:
    found: dict[tuple[object, object], set[object]] = defaultdict(set)
    for path in po_files():
        for message in load(path):
            if message.id and message.string and message.string != ("", ""):
                found[message.context, message.id].add(message.string)
    assert {key[1]: words for key, words in found.items() if len(words) > 1} == {}
