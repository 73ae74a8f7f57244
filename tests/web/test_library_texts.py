"""Dutch texts say "je", never "u": our own, and those of libraries that our pages show."""

import re
from io import BytesIO
from pathlib import Path

import allauth
import django
import pytest
import wagtail
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext, override

from accounts.models import User
from config.translations import KEYWORDS, load, po_files, read
from web.library_texts import TEXTS

FORMAL = re.compile(r"\b(u|uw|uzelf|alstublieft|a\.u\.b)\b", re.IGNORECASE)
STUCK = re.compile(r"(?<=[^\W_])%\(\w+\)[sd]|%\(\w+\)[sd](?=[^\W_]|%\()")
STUCK = re.compile(r"(?<=[^\W_])%\(\w+\)[sd]|%\(\w+\)[sd](?=[^\W_]|%\()")
DJANGO, ALLAUTH, WAGTAIL = (Path(package.__file__).parent for package in (django, allauth, wagtail))
SHOWN = [DJANGO / "conf", DJANGO / "contrib" / "auth", ALLAUTH, WAGTAIL / "admin"]
SHOWN += [WAGTAIL / name for name in ("documents", "images", "locales", "sites", "snippets", "users")]
# Never on a page of ours: our own pages stand for them, or what they belong to is not in use.
ELSEWHERE = re.compile(
    r"CSRF|Referer|disable cookies|DEBUG=True|ManagementForm|two-factor|click on the link inside|treated as active"
)


def test_no_dutch_text_says_u() -> None:
    ours = [str(text) for path in po_files() for message in load(path) for text in _texts(message.string)]
    assert [text for text in ours if FORMAL.search(text)] == []


def test_texts_of_libraries_say_je() -> None:
    formal = []
    for package in SHOWN:
        with (package / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
            messages = [m for m in read_mo(file) if m.id and not ELSEWHERE.search(_texts(m.id)[0])]
        with override("nl"):
            shown = [(m.id, gettext(m.id) if isinstance(m.id, str) else ngettext(*m.id, 2)) for m in messages]
        formal += [text for text in shown if FORMAL.search(text[1])]
    assert formal == []


def test_placeholders_are_separated_from_words() -> None:
    """A placeholder is separated from the next word, unless it is not in English either.

    Some of Wagtail's Dutch lost a space: "1-1van 1pagina".
    """
    stuck = []
    for package in SHOWN:
        with (package / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
            messages = [m for m in read_mo(file) if m.id]
        with override("nl"):
            for message in messages:
                one, *more = _texts(message.id)
                shown = [ngettext(one, more[0], n) for n in (1, 2)] if more else [gettext(one)]
                stuck += [text for text in shown if len(STUCK.findall(text)) > len(STUCK.findall(one))]
    assert stuck == []


def test_a_hint_about_a_password_says_in_words_what_it_is_like() -> None:
    user = User(name="Noortje Haverkamp", email="n.haverkamp@example.org")
    for language, words in (("nl", "op je naam."), ("en", "to the name.")):
        with override(language), pytest.raises(ValidationError, match=words):
            validate_password("Noortje1", user)


def test_texts_of_forms_have_dutch() -> None:
    """The texts of form validation, and all of allauth's pages about accounts."""
    account = ALLAUTH / "templates" / "account"
    files = [DJANGO / f"{path}.py" for path in ("contrib/auth/password_validation", "core/validators", "forms/fields")]
    files += [path for room in ("account", "core") for path in (ALLAUTH / room).rglob("*.py")]
    files += [*account.rglob("*.html"), *account.glob("messages/*.txt"), *(ALLAUTH / "templates").glob("*.html")]
    english = set()
    with override("nl"):
        for file in files:
            for _line, found, _comments, _context in extract("python", BytesIO(read(file).encode()), keywords=KEYWORDS):
                one, *more = _texts(found)
                if (ngettext(one, more[0], 2) if more else gettext(one)) in (one, *more):
                    english.add(one)
    assert english <= {"IPv4", "IPv6", "Login", "Code", "Accounts"}, "words that are the same in Dutch"


def test_texts_are_those_of_the_libraries() -> None:
    """If a library changes its English text, its own Dutch would appear again."""
    known = set()
    for package in (*SHOWN, DJANGO / "contrib" / "auth"):
        with (package / "locale/nl/LC_MESSAGES/django.mo").open("rb") as file:
            known |= {_texts(m.id)[0] for m in read_mo(file) if m.id}
    with override("en"):
        assert [text for text in TEXTS if isinstance(text, str) and text not in known] == []


def _texts(text: object) -> list[str]:
    return [str(each) for each in text] if isinstance(text, list | tuple) else [str(text)]
