"""Votes: the count equals the rows, whatever people do, one after the other or at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community import actions
from community.models import Vote
from tests.community.conftest import Forum

STEPS = st.lists(st.tuples(st.sampled_from(["owner", "colleague", "neighbour", "curator"]), st.booleans()), max_size=25)


@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_count_equals_the_rows(forum: Forum, steps: list[tuple[str, bool]]) -> None:
    for name, up in steps:
        act = actions.vote if up else actions.unvote
        act(by=getattr(forum.people, name), row=forum.answer)
        forum.answer.refresh_from_db()
        assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count()


@pytest.mark.django_db(transaction=True)
def test_the_same_vote_at_once_counts_once(forum: Forum) -> None:
    start = threading.Barrier(4)

    def press() -> bool:
        start.wait(timeout=10)
        try:
            return actions.vote(by=forum.people.owner, row=forum.answer)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counted = [future.result(timeout=30) for future in [pool.submit(press) for _ in range(4)]]
    assert sorted(counted) == [False, False, False, True]
    forum.answer.refresh_from_db()
    assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count() == 1
