"""Pages and their audiences."""

import pytest
from django.test import Client

from kb.models import HomePage, TopicPage

pytestmark = pytest.mark.django_db


def test_a_fresh_site_has_both_languages(client: Client) -> None:
    for language in ("nl", "en"):
        assert client.get(f"/{language}/").status_code == 200
    dutch = HomePage.objects.get(locale__language_code="nl")
    assert dutch.get_translations().get().locale.language_code == "en"
    assert TopicPage.objects.filter(depth=3).count() == 2
    assert client.get("/nl/onderwerpen/").status_code == 200
    assert client.get("/en/topics/").status_code == 200
