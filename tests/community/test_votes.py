"""The vote count equals the number of rows, whether people vote one after the other or at once."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.audiences import Person
from community import actions
from community.models import Vote
from tests.community.conftest import Forum
from tests.together import at_once

STEPS = st.lists(st.tuples(st.sampled_from(["owner", "colleague", "neighbour", "curator"]), st.booleans()), max_size=25)


@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_count_equals_the_rows(forum: Forum, steps: list[tuple[str, bool]]) -> None:
    for name, up in steps:
        act = actions.vote if up else actions.unvote
        act(by=Person(getattr(forum.people, name)), row=forum.answer)
        forum.answer.refresh_from_db()
        assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count()


@pytest.mark.django_db(transaction=True)
def test_the_same_vote_at_once_counts_once(forum: Forum) -> None:
    press = partial(actions.vote, by=Person(forum.people.owner), row=forum.answer)
    assert sorted(at_once(*[press] * 4)) == [False, False, False, True]
    forum.answer.refresh_from_db()
    assert forum.answer.vote_count == Vote.objects.filter(answer=forum.answer).count() == 1
