"""The flag form, the moderators' list, and the page for status 429."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from moderation.models import Flag
from tests.people import People
from web.limits import TooMany
from web.too_many import TooManyMiddleware


def sign_in(client: Client, people: People, name: str) -> Client:
    client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
    return client


def test_flag_by_form(people: People, client: Client, notes) -> None:
    sign_in(client, people, "owner")
    url = reverse("moderation:flag")
    for language in ("nl", "en"):
        with translation.override(language):
            page = client.get(reverse("moderation:flag"), {"key": "note:7", "url": "/nl/q/7/"})
        assert page.status_code == 200
    response = client.post(url, {"key": "note:7", "url": "/nl/q/7/", "reason": "rude", "text": "Look"})
    assert response.url == "/nl/q/7/"
    assert Flag.objects.get().url == "/nl/q/7/"
    empty = client.post(url, {"key": "note:7", "reason": ""})
    assert "reason" in empty.context["form"].errors
    elsewhere = client.post(url, {"key": "note:8", "url": "https://evil.example/", "reason": "rude"})
    assert elsewhere.url == "/"


def test_rows_outside_the_audience_cannot_be_flagged(people: People, client: Client, notes) -> None:
    url = reverse("moderation:flag")
    assert client.get(url, {"key": "note:7"}).status_code == 302, "sign in first"
    sign_in(client, people, "owner")
    notes.secret.add(7)
    for key in ("note:7", "song:1", "", "note:x"):
        assert client.get(url, {"key": key}).status_code == 404
        assert client.post(url, {"key": key, "reason": "rude"}).status_code == 404


def test_too_many_flags_keep_what_was_typed(people: People, client: Client, notes, settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"flag": (1, 3600)}
    sign_in(client, people, "owner")
    url = reverse("moderation:flag")
    client.post(url, {"key": "note:1", "reason": "rude"})
    refused = client.post(url, {"key": "note:2", "reason": "rude", "text": "my long explanation"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    assert "my long explanation" in refused.content.decode()
    assert Flag.objects.count() == 1


def test_an_uncaught_rate_limit_gets_a_helpful_page(rf, people: People) -> None:
    request = rf.get("/nl/")
    request.user, request.viewer = people.owner, people.viewer("owner")
    middleware = TooManyMiddleware(lambda request: middleware.process_exception(request, TooMany(125, "search")))
    response = middleware(request)
    assert (response.status_code, response["Retry-After"]) == (429, "125")
    assert "3 minuten" in response.content.decode()
    assert middleware.process_exception(request, ValueError()) is None
    of_others = TooManyMiddleware(lambda _request: HttpResponse(status=429))(rf.get("/nl/"))
    assert of_others["Retry-After"] == "60"


@pytest.mark.parametrize("name", ["owner", "outsider", "provider", "agent", "administrator"])
def test_the_list_is_for_moderators(people: People, client: Client, notes, name: str) -> None:
    sign_in(client, people, name)
    assert client.get(reverse("moderation:queue")).status_code == 403
    assert client.post(reverse("moderation:decide"), {"key": "note:7", "act": "hide"}).status_code == 403
    assert not notes.hidden


def test_decide(people: People, client: Client, notes) -> None:
    sign_in(client, people, "curator")
    Flag.objects.create(key="note:7", by=people.owner, reason="rude", text="Look here", url="/nl/q/7/")
    Flag.objects.create(key="gone:1", by=people.owner, reason="spam")
    queue, decide = reverse("moderation:queue"), reverse("moderation:decide")
    assert "Look here" in client.get(queue).content.decode()
    client.post(decide, {"key": "note:7", "act": "hide", "reason": "no"})
    assert notes.hidden == {7: "no"}
    assert len(client.get(queue, {"state": "hidden"}).context["page_obj"]) == 1
    client.post(decide, {"key": "note:7", "act": "restore"})
    assert not notes.hidden
    for data in ({"key": "note:7", "act": "dance"}, {"key": "gone:1", "act": "hide"}, {"key": "", "act": "hide"}):
        assert client.post(decide, data).status_code == 404
    assert client.get(queue, {"state": "nonsense"}).context["state"] == "open"


def test_a_closed_flag_offers_only_allowed_actions(people: People, client: Client, notes) -> None:
    sign_in(client, people, "curator")
    for n, handled_by in enumerate((people.curator, people.agent)):
        Flag.objects.create(
            key=f"note:{n}", by=people.owner, reason="rude", state="hidden", handled_by=handled_by, handled=now()
        )
    page = client.get(reverse("moderation:queue"), {"state": "hidden"}).content.decode()
    assert reverse("moderation:look") not in page
    assert page.count('value="restore"') == 1, "what they hid themselves"


def test_the_list_costs_a_constant_number_of_queries(
    people: People, client: Client, notes, django_assert_max_num_queries
) -> None:
    sign_in(client, people, "curator")
    Flag.objects.bulk_create(Flag(key=f"note:{n}", by=people.owner, reason="rude") for n in range(30))
    with django_assert_max_num_queries(14):
        client.get(reverse("moderation:queue"))


def test_the_list_stands_in_the_cms_menu(people: People, client: Client) -> None:
    sign_in(client, people, "curator")
    assert reverse("moderation:queue") in client.get("/cms/").content.decode()
    sign_in(client, people, "administrator")
    assert reverse("moderation:queue") not in client.get("/cms/").content.decode()
