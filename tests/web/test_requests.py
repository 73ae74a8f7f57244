"""What a refused request leaves behind."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from tests.kb.test_pages import client_of
from tests.people import People

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["accounts:teams", "moderation:queue"])
def test_a_refusal_is_one_line_in_the_log(people: People, name: str, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(people, "owner")
    with caplog.at_level(logging.WARNING, "django.request"):
        assert client.get(reverse(name)).status_code == 403
    (record,) = [each for each in caplog.records if each.name == "django.request"]
    assert record.exc_info is None, "anybody could fill the log with tracebacks"
    assert reverse(name) in record.getMessage()


def test_an_error_of_ours_keeps_its_traceback(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("search.views.render", broken)
    client.raise_request_exception = False
    assert client.get(reverse("search:results")).status_code == 500
    assert any(each.exc_info for each in caplog.records if each.name == "django.request")
