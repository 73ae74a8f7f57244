"""The pages that belong to no package, and the frame around all of them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

PAGES = ["privacy", "accessibility", "styleguide", "account_login"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_there_in_its_language(client: Client, name: str, language: str) -> None:
    with override(language):
        response = client.get(reverse(name))
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    other = {"nl": "en", "en": "nl"}[language]
    with override(other):
        assert f'href="{reverse(name)}" hreflang="{other}"' in response.text
