"""Incoming frames: whatever comes, a documented answer and nothing else."""

import asyncio
import contextlib
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chat.models import Conversation
from chat.schema import CLIENT_ID
from live import close_codes, quota, schema
from tests.live.sockets import Tab, tab
from tests.people import People
from web.live import MAX_ID, MAX_NUMBER, BadFrame

PROTOCOL = (Path(settings.BASE_DIR) / "docs" / "socket-protocol.md").read_text()


def table(heading: str) -> dict[str, str]:
    """The rows of a table in the protocol: what stands in the first column, and the rest of the row."""
    part = PROTOCOL.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in part.splitlines() if line.startswith("| ")][1:]
    return {name: "|".join(rest) for first, *rest in rows for name in re.findall(r"\w+", first) if set(name) != {"-"}}


CODES = set(table("Error codes"))
CLOSES = {int(name) for name in table("Close codes")}
SENT = set(table("From the server"))
# Each is refused with this code, whoever sends it and whatever else is in it.
REFUSED: list[tuple[str, str]] = [
    ("", "bad_frame"),
    ("{", "bad_frame"),
    ("[]", "bad_frame"),
    ("null", "bad_frame"),
    ('"ping"', "bad_frame"),
    ("{}", "bad_frame"),
    ('{"type": 1}', "bad_frame"),
    ('{"type": ["ping"]}', "bad_frame"),
    ('{"type": "dance"}', "unknown_type"),
    ('{"type": "PING"}', "unknown_type"),
    ('{"type": "__init__"}', "unknown_type"),
    ('{"type": "ping", "type": "desk"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "conversation": 2, "client_id": "abcdefgh", "body": "x"}', "bad_frame"),
    ('{"type": "ping", "x": NaN}', "bad_frame"),
    ('{"type": "ping", "x": -Infinity}', "bad_frame"),
    ('{"type": "\\ud800"}', "bad_frame"),
    ('{"type": "ping", "x": "\\udfff"}', "bad_frame"),
    ('{"type": "ping", "\\ud83d": 1}', "bad_frame"),
    ('{"type": "ping", "x": [{"y": "\\ud83d"}]}', "bad_frame"),
    ('{"type": "ping", "x": "\\u0000"}', "bad_frame"),
    ('{"type": "ping\\u0000"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh", "body": "a\\ud800b"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh", "body": "a\\u0000b"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh", "body": 7}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh", "body": null}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": ["abcdefgh"], "body": "x"}', "bad_frame"),
    ('{"type": "post", "conversation": 1, "client_id": "abcdefgh\\n", "body": "x"}', "invalid"),
    ('{"type": "post", "conversation": 1, "client_id": "éééééééé", "body": "x"}', "invalid"),
    ('{"type": "ping", "x": ' + "[" * 6 + "]" * 6 + "}", "bad_frame"),
    ("[" * 20_000, "bad_frame"),
    ('{"type": "ping", "x": ' + "9" * 5000 + "}", "bad_frame"),
    ('{"type": "ping", "x": ' + "1" * 21 + "}", "bad_frame"),
] + [
    (f'{{"type": "{kind}", "conversation": {pk}{more}}}', "bad_frame")
    for kind, more in [
        ("subscribe", ""), ("unsubscribe", ""), ("typing", ""), ("seen", ', "number": 1'), ("take", ""),
        ("release", ""), ("transfer", ', "team": 1'), ("close", ""), ("reopen", ""),
        ("post", ', "client_id": "abcdefgh", "body": "x"'),
    ]
    for pk in ('"1"', "true", "1.0", "0", "-1", "null", "[1]", "{}", "9223372036854775808", "1e400")
] + [
    (f'{{"type": "{kind}", "conversation": 1, "{name}": {value}}}', "bad_frame")
    for kind, name in [("subscribe", "after"), ("seen", "number"), ("transfer", "team"), ("take", "over")]
    for value in ('"1"', "1.5", "-1", "null", "9223372036854775808")
] + [
    (f'{{"type": "{kind}", "conversation": 1, "{name}": true}}', "bad_frame")
    for kind, name in [("subscribe", "after"), ("seen", "number"), ("transfer", "team")]
]  # fmt: skip


def test_the_protocol_describes_the_table() -> None:
    described = table("From the client")
    assert set(described) == set(schema.frames())
    handlers = {frame.handler: import_string(frame.handler) for frame in schema.frames().values()}
    assert [path for path, handler in handlers.items() if not asyncio.iscoroutinefunction(handler)] == []
    for kind, frame in schema.frames().items():
        fields = frame.fields
        named = set(re.findall(r"`(\w+)`", described[kind].partition("|")[0]))
        assert named == set(fields), f"docs/socket-protocol.md gives {kind} the fields {named}, the table {set(fields)}"


def test_the_protocol_lists_every_close_code() -> None:
    ours = {value for name, value in vars(close_codes).items() if name.isupper() and 4000 <= _number(value) < 5000}
    assert ours == {code for code in CLOSES if code >= 4000}


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def test_what_is_refused() -> None:
    wrong = []
    for text, code in REFUSED:
        try:
            seen: object = schema.parse(text)
        except BadFrame as refused:
            seen = refused.code
            if code == "unknown_type" and refused.about:
                wrong.append(f"{text[:80]}: repeats {refused.about}")
        if seen != code:
            wrong.append(f"{text[:80]}: expected {code}, seen {seen}")
    assert not wrong, "\n".join(wrong)


def test_what_passes() -> None:
    for text, frame in [
        ('{"type": "ping", "more": {"of": [1]}}', {"type": "ping"}),
        ('{"type": "subscribe", "conversation": 7}', {"type": "subscribe", "conversation": 7, "after": 0}),
        ('{"type": "take", "conversation": 7, "over": true}', {"type": "take", "conversation": 7, "over": True}),
        (
            '{"type": "post", "conversation": 7, "client_id": "abcd-_12", "body": "\\ud83d\\ude00 \\\\u0000"}',
            {"type": "post", "conversation": 7, "client_id": "abcd-_12", "body": "😀 \\u0000"},
        ),
    ]:
        assert schema.parse(text) == frame


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(),
    st.sampled_from(["\ud800", "a\0b", "x" * 5000, "\u202e", "\uffff", "1", ""]),
)
VALUES = st.recursive(HOSTILE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def _frames(pk: int) -> st.SearchStrategy[Any]:
    """Frames of known types whose fields are sound, missing or hostile."""
    sound: dict[str, st.SearchStrategy[Any]] = {
        "conversation": st.just(pk),
        "after": st.integers(0, 3),
        "number": st.integers(0, MAX_NUMBER),
        "team": st.integers(1, MAX_ID),
        "over": st.booleans(),
        "client_id": st.from_regex(CLIENT_ID.pattern, fullmatch=True),
        "body": st.text(max_size=50),
    }
    fields = {name: st.one_of(value, value, value, VALUES) for name, value in sound.items()}
    types = st.sampled_from(sorted(schema.frames())) | st.text(max_size=10)
    return st.fixed_dictionaries({"type": types}, optional=fields)


async def _answers(one: Tab, texts: list[str]) -> list[dict[str, Any]]:
    """What comes back for these frames, up to the answer to a ping sent after them."""
    pings = 1
    for text in texts:
        await one.communicator.send_text(text)
        with contextlib.suppress(BadFrame):
            pings += schema.parse(text)["type"] == "ping"
    await one.send(type="ping")
    frames = []
    while pings:
        frames.append(await one.communicator.receive_json())
        pings -= frames[-1]["type"] == "pong"
    return frames


@pytest.mark.django_db(transaction=True)
def test_any_frame_gets_a_documented_answer(
    people: People, conversation: Conversation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(quota.Buckets, "take", lambda *_: 0)
    with asyncio.Runner() as runner:
        opening = tab(people.owner)
        one = runner.run(opening.__aenter__())

        @hypothesis_settings(
            max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.lists(_frames(conversation.pk).map(json.dumps) | VALUES.map(json.dumps) | st.text(), max_size=12))
        def send(texts: list[str]) -> None:
            for frame in runner.run(_answers(one, texts)):
                assert frame["type"] in SENT, f"{texts!r} was answered {frame}"
                assert frame["type"] != "error" or frame["code"] in CODES - {"failed"}, f"{texts!r}: {frame}"

        send()
        for begin in range(0, len(REFUSED), 20):
            some = REFUSED[begin : begin + 20]
            answers = runner.run(_answers(one, [text for text, _code in some]))
            codes = [frame["code"] for frame in answers if frame["type"] == "error"]
            assert codes == [code for _text, code in some], f"{some}: {answers}"
        runner.run(opening.__aexit__(None, None, None))
    assert not [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
