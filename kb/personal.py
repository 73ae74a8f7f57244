"""Personal data in a draft: every piece is replaced or kept on purpose. The server checks it again."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from markup import personal_data

LABELS = {
    "email": _("e-mail address"),
    "phone": _("phone number"),
    "iban": _("bank account"),
    "bsn": _("citizen service number"),
    "name": _("name"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of personal data, once however often it occurs in the draft."""

    text: str
    kind: str

    @property
    def field(self) -> str:
        """Return the name of its form field."""
        return "personal-" + hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def replacement(self, language: str) -> str:
        """Return the replacement in the language of the draft."""
        with override(language):
            return f"[{LABELS[self.kind]}]"


class PersonalDataLeft(ValueError):
    """Personal data in a draft was neither replaced nor kept on purpose."""

    def __init__(self, found: list[Found]) -> None:
        super().__init__(f"{len(found)} pieces of personal data")
        self.found = found


def find(*texts: str, names: Iterable[str] = ()) -> list[Found]:
    """Return the personal data in the texts, each piece once, in order of appearance."""
    names = tuple(names)
    matches = (match for text in texts for match in personal_data.find(text, names=names))
    return list(dict.fromkeys(Found(match.text, match.kind) for match in matches))


def require_none_left(*texts: str, names: Iterable[str] = (), kept: Iterable[str] = ()) -> None:
    """Raise PersonalDataLeft unless every piece in the texts is among `kept`."""
    kept = frozenset(kept)
    if left := [found for found in find(*texts, names=names) if found.text not in kept]:
        raise PersonalDataLeft(left)


def replace(text: str, replacements: Mapping[str, str], *, names: Iterable[str] = ()) -> str:
    """Return the text with the pieces found in it replaced where `replacements` has them."""
    parts, position = [], 0
    for match in personal_data.find(text, names=tuple(names)):
        if match.text in replacements:
            parts += [text[position : match.start], replacements[match.text]]
            position = match.end
    return "".join([*parts, text[position:]])


def marked(text: str, *, names: Iterable[str] = ()) -> SafeString:
    """Return the text, escaped, with personal data in <mark>."""
    parts: list[tuple[str]] = []
    position = 0
    for match in personal_data.find(text, names=tuple(names)):
        parts += [
            (text[position : match.start],),
            (format_html("<mark>{}</mark>", match.text),),
        ]
        position = match.end
    return format_html_join("", "{}", [*parts, (text[position:],)])
