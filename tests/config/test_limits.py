"""Every route that is expensive or changes something has a limit.

Too many searches: a page that says how long to wait, and only a notice for a fragment.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.test import Client

from config import settings as ours
from tests.people import People
from tests.test_access import Written
from tests.test_hostile_input import patterns
from tests.test_hostile_input import routes as hostile_routes
from web.limits import TooMany, _own, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (2, 60)}
    settings.ADDRESS_LIMITS = {}


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


# GET of these reads a page's rows by key, or nothing: no search, no rendering of what was sent, no list to search in.
CHEAP = {
    "accounts": "accounts manage person add_person invite profile profile_saved organisations add_organisation"
    " organisation add_unit unit teams add_team team circles add_circle circle members system",
    "chat": "start mine link conversation post act",
    "community": "index ask question question_short answer edit_question edit_answer vote_question vote_answer accept"
    " move hide_question hide_answer follow_space",
    "files": "rendition",
    "kb": "topics faq faq_short feedback curate drafts draft",
    "moderation": "flag decide look",
    "notifications": "inbox open mark mark_all choose follow sent_mail_detail",
    "search": "choose_log wishes wish_end_mine wish_confirm wish_end",
}
SINGLE_CHEAP = {
    "search_gap_hide", "search_gap_reopen", "search_starter", "search_starter_remove", "search_index",
    "search_index_rebuild", "search_index_retry", "readers", "readers_new",
}  # fmt: skip


def routes() -> Iterator[str]:
    """Return the name of every route of ours."""
    for name, _pattern in patterns():
        if not name.startswith(("account_", "wagtailsnippets_", "set_language", "javascript")):
            yield name


def test_every_route_that_costs_has_a_limit_and_each_is_classified(settings: Any) -> None:
    cheap = {f"{app}:{name}" for app, names in CHEAP.items() for name in names.split()} | SINGLE_CHEAP
    viewsets = ("search_synonyms:", "search_best_bets:", "search_protected_words:")
    unknown = sorted(
        {n for n in routes() if n not in settings.ROUTE_LIMITS and n not in cheap if not n.startswith(viewsets)}
    )
    assert not unknown, f"say in settings.ROUTE_LIMITS what they cost, or here that they cost little: {unknown}"
    both = sorted(cheap & {name for name, (method, _scope) in settings.ROUTE_LIMITS.items() if method == ""})
    assert not both, f"both limited and cheap: {both}"
    scopes = {scope for _method, scope in settings.ROUTE_LIMITS.values()} | set(ours.ADDRESS_LIMITS)
    assert scopes <= set(settings.RATE_LIMITS), scopes - set(settings.RATE_LIMITS)


def test_every_post_takes_a_token(
    client: Client, people: People, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    monkeypatch.setattr("web.middleware.charge", lambda scope, _who: taken.append(scope))
    without = []
    for route in hostile_routes(people):
        taken.clear()
        with suppress(Written), transaction.atomic():
            client.post(route.path)
            raise Written
        if not taken:
            without.append(f"{route.name} {route.path}")
    assert not without, "\n".join(without)


def test_a_limit_holds_however_full_the_other_cache_is(settings: Any) -> None:
    settings.RATE_LIMITS = {"shout": (1, 60)}
    take("shout", "user:1")
    for n in range(1_000):
        cache.set(f"related:{n}", n)
    with pytest.raises(TooMany):
        take("shout", "user:1")
    cache.clear()
    with pytest.raises(TooMany):
        take("shout", "user:1")


def test_many_addresses_take_bounded_memory() -> None:
    kept = LocMemCache("bounded", {"OPTIONS": {"MAX_ENTRIES": 500}})
    for n in range(5_000):
        kept.set(f"limit:{n}", n)
    assert len(kept._cache) <= 500
    assert _own._max_entries == 50_000
    assert ours.REDIS_URL or ours.CACHES["limits"]["OPTIONS"] == {"MAX_ENTRIES": 50_000}
