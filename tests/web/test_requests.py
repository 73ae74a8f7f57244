"""What a refused request leaves in the log."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audiences
from tests.kb.conftest import make_topic
from tests.kb.test_pages import client_of
from tests.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return what the site's own handler writes."""
    (handler,) = [
        each
        for each in logging.root.handlers
        if isinstance(each.formatter, logging.Formatter) and each.name == "console"
    ]
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


def test_a_refusal_is_one_short_line_in_the_log(people: People, log: io.StringIO) -> None:
    """Whichever logger reports it: otherwise anybody could fill the log with tracebacks."""
    client = client_of(people, "owner")
    client.raise_request_exception = False
    refused = {
        reverse("accounts:teams"): {},
        reverse("moderation:queue"): {},
        "/nl/" + "a" * 50_000 + "/": {},
        "/nl/": {"host": "evil" * 100_000},
        "/en/": {"host": "a b"},
    }
    for path, headers in refused.items():
        assert 400 <= client.get(path, headers=headers).status_code < 500, path[:50]
        assert log.getvalue().count("\n") == 1, log.getvalue()[:1_000]
        assert len(log.getvalue()) < 500
        log.truncate(0)
        log.seek(0)


def test_what_wagtail_cannot_take_is_one_short_line_in_the_log(people: People, log: io.StringIO) -> None:
    client, topic = client_of(people, "curator"), make_topic("Verlof", {audiences.PUBLIC})
    copy = reverse("wagtailadmin_pages:copy", args=[topic.pk])
    for answer in (client.post(copy, {"x": "y" * 9_000}), client.get("/cms/pages/?owner=" + "9" * 30)):
        assert answer.status_code == 400
    assert log.getvalue().count("\n") == 2, log.getvalue()[:1_000]
    assert len(log.getvalue()) < 800


def test_an_error_of_ours_keeps_its_traceback(
    client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("discovery.views.results.render", broken)
    client.raise_request_exception = False
    assert client.get(reverse("search:results")).status_code == 500
    assert "RuntimeError: broken" in log.getvalue()
