"""Searching too fast: a page that says how long to wait, and only a notice where a fragment was asked for."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (2, 60)}


def test_the_third_search_in_a_minute_is_asked_to_wait(client: Client) -> None:
    for _time in range(2):
        assert client.get("/nl/zoeken/?q=verlof").status_code == 200
    refused = client.get("/nl/zoeken/?q=verlof")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 30
    assert "Een ogenblik" in refused.content.decode()
    assert client.get("/nl/").status_code == 200


def test_results_while_typing_get_a_notice_in_their_place(client: Client) -> None:
    for path in ("/nl/zoeken/?q=v", "/nl/zoeken/lijkt-op/?q=v"):
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200
    refused = client.get("/nl/zoeken/?q=ve", headers={"HX-Request": "true"})
    assert refused.status_code == 429
    assert "<html" not in refused.content.decode()
    assert "Wat je hebt getypt, blijft staan." in refused.content.decode()
