"""Numbers and text from outside, and a check that all code reads them with these functions."""

import ast
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from kb.models import TopicPage
from tests.import_graph import RANK
from web import params
from web.fields import RowField, RowsField, SearchField, WordsField

ROOT = Path(__file__).resolve().parent.parent.parent
HOSTILE = [
    "",
    " 1",
    "1 ",
    "+1",
    "-1",
    "²",
    "١٢",
    "𝟘",
    "1e3",
    "0x1",
    "1_0",
    "9" * 20,
    "9" * 5000,
    str(2**63),
    "1\n",
    "\0",
]
# They read text of ours, or of the language.
ALLOWED = {"accounts/audiences.py", "config/run.py", "search/language/tokens.py"}


def test_only_ascii_digits_that_the_database_can_store_are_a_number() -> None:
    assert {text: params.number(text) for text in HOSTILE} == dict.fromkeys(HOSTILE)
    assert [params.number(text) for text in ("0", "7", "007", str(2**63 - 1))] == [0, 7, 7, 2**63 - 1]
    assert params.number("12", most=11) is None
    assert params.number(None) is None
    assert params.key("²") == 0


@pytest.mark.django_db
def test_a_row_is_chosen_by_a_key_that_it_can_have() -> None:
    fields = {"one": RowField(TopicPage.objects.all()), "several": RowsField(TopicPage.objects.all())}
    refused = {}
    for text in HOSTILE[1:]:
        for name, field in fields.items():
            try:
                refused[name, text] = field.clean([text] if name == "several" else text)
            except ValidationError as error:
                refused[name, text] = error.code
    wrong = {case: found for case, found in refused.items() if found not in ("invalid_choice", "required")}
    assert not wrong, wrong


def test_search_text_is_cut() -> None:
    assert SearchField().clean("a\0b  " + "c" * 51_000) == "a b " + "c" * (params.SEARCH_LENGTH - 5)
    request = RequestFactory().get("/", {"q": "  x " + "y" * 51_000})
    assert len(params.search_text(request.GET)) <= params.SEARCH_LENGTH


def test_wagtails_search_gets_plain_words() -> None:
    words = {
        '"verlof aanvragen" x': "verlof aanvragen x",
        "'a' foto's '": "a foto's",
        '"': "",
        "live:yes \\ a": "live:yes a",
    }
    assert {text: params.plain_search(text) for text in words} == words
    assert len(params.plain_search("(a OR " * 300)) <= params.SEARCH_LENGTH


def test_too_large_numbers_are_recognised_in_any_notation() -> None:
    large = ["9" * 30, " -" + "9" * 30, "9_9" * 10, "९" * 30, "9" * 9_000, str(2**63)]
    assert [text for text in large if not params.beyond(text)] == []
    small = ["", "7", "-7", str(2**63 - 1), "1e99", "a" + "9" * 30, "2026-11-30"]
    assert [text for text in small if params.beyond(text)] == []


def test_cookies_that_no_browser_has_from_us_are_left_out() -> None:
    given = {"a": "fine", "b": "NUL\0", "c": "x" * 5_000, "d": "line\nbreak"}
    assert params.cookies(given) == {"a": "fine"}


def test_nobody_reads_numbers_or_rows_in_another_way() -> None:
    found = []
    for path in sorted(p for package in RANK for p in (ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("web/") or "/migrations/" in name or name in ALLOWED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {
                "isdecimal", "isdigit", "isnumeric", "ModelChoiceField", "ModelMultipleChoiceField",
            }:  # fmt: skip
                found.append(f"{name}:{node.lineno} {node.attr}")
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int"
            if called and re.search(r"\b(GET|POST|given|posted|get\[)", ast.unparse(node)):
                found.append(f"{name}:{node.lineno} {ast.unparse(node)}")
    assert not found, "use web.params and web.fields:\n" + "\n".join(found)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
def test_malformed_requests_are_refused_in_the_readers_language(client: Client, language: str) -> None:
    form = "application/x-www-form-urlencoded"
    asked = {
        "a NUL in the query": client.get(f"/{language}/", QUERY_STRING="q=%00"),
        "a NUL in the path": client.get(f"/{language}/a%00b/"),
        "not text": client.generic("POST", f"/{language}/chat/", b"q=1", content_type=f"{form}; charset=base64"),
        "no UTF-8": client.generic("POST", f"/{language}/chat/", b"q=1", content_type=f"{form}; charset=utf-7"),
        "no boundary": client.generic("POST", f"/{language}/chat/", b"q=1", content_type="multipart/form-data"),
        "a host of nobody's": client.get(f"/{language}/", headers={"host": "a b"}),
    }
    assert {name: response.status_code for name, response in asked.items()} == dict.fromkeys(asked, 400)
    wrong = {n for n, r in asked.items() if f'<html lang="{language}"' not in r.content.decode()}
    assert not wrong, f"not in {language}: {wrong}"


@pytest.mark.django_db
def test_headers_and_cookies_of_any_kind_make_no_error() -> None:
    values = [
        "",
        "²",
        "9" * 5_000,
        "a" * 20_000,
        "\x01\x02",
        '"abc\\000def12345"',
        "é;=",
        "nl-" * 2_000,
        "%00%FF",
        "[{",
        "*;q=²",
    ]
    names = [
        "Accept-Language", "HX-Request", "HX-Trigger", "HX-Target", "HX-Current-URL", "HX-Current-URL-URI-AutoEncoded",
        "If-Modified-Since", "If-None-Match", "Range", "Referer", "User-Agent", "X-Forwarded-For", "Content-Type", 
        "Content-Length",
    ]  # fmt: skip
    cookies = ["sessionid", "django_language", "visitor", "csrftoken", "messages", "search_log"]
    failures = []
    paths = ("/", "/nl/chat/")  # in turns
    for row, value in enumerate(values):
        headers = [*({name: value} for name in names), *({"cookie": f"{name}={value}"} for name in cookies)]
        for column, sent in enumerate(headers):
            path = paths[(row + column) % 2]
            response = Client(raise_request_exception=False).get(path, headers=sent)
            if response.status_code >= 500:
                failures.append(f"{response.status_code} {path} {str(sent)[:80]}")
    assert not failures, "\n".join(failures)


def test_what_cannot_be_stored_is_replaced_in_fields_also_where_json_only_writes_it() -> None:
    pair, half, backslash = '{"text": "\\ud83d\\ude00"}', '{"text": "a\\ud800b"}', '{"text": "\\\\ud800"}'
    kept = ["", "Verlof", "[Unicode] \\ud800 is a half", '{"no json \\ud800', pair, backslash, '["a\\nb"]', "[" * 9_000]
    assert [params.storable_field(text) for text in kept] == kept
    replaced = {
        half: {"text": "a\ufffdb"},
        '[{"\\uDFFF": "\\uDE00\\uD83D"}]': [{"\ufffd": "\ufffd\ufffd"}],
        '{"data": {"url": "x\\u0000y\\\\\\ud800"}}': {"data": {"url": "xy\\\ufffd"}},
        '"\\ud83d\\ud83d\\ude00"': "\ufffd😀",
    }
    assert {text: json.loads(params.storable_field(text)) for text in replaced} == replaced
    assert params.storable_field("a\0b\ud800") == "ab\ufffd"


@pytest.mark.django_db
def test_a_form_is_stored_without_what_cannot_be(client: Client) -> None:
    fields = {"q": "a\0b", "JSON": '{"text": "a\\ud800b"}'}
    for kind in (None, "application/x-www-form-urlencoded"):
        sent = (urlencode(fields), kind) if kind else (fields,)
        posted = client.post("/nl/chat/", *sent).wsgi_request.POST
        assert posted.dict() == {"q": "ab", "JSON": '{"text": "a\\ufffdb"}'}, kind


def test_invisible_text_counts_as_empty() -> None:
    nothing = [
        "",
        " \t\n",
        "\u200b",
        "\ufeff\u2060\u00ad",
        "\u0301\u0301",
        "\u3164\u2800",
        "\u202e\U000e0020",
        "\ue000",
    ]
    assert [text for text in nothing if params.readable(text)] == []
    something = ["a", "7", "?", "👍", "漢", "\u200bé", "🏳️‍🌈"]
    assert [text for text in something if not params.readable(text)] == []
    assert WordsField(required=False).clean("\u200b") == ""
    assert WordsField(required=False, empty_value=None).clean("\u200b") is None
    with pytest.raises(ValidationError, match="verplicht|required"):
        WordsField().clean("\ufeff")
