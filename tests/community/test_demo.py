"""The demo's forum."""

from pathlib import Path

import pytest

from accounts import demo as people
from accounts.models import User
from community import demo
from community.models import Answer, Question, SpacePage, Vote

ROOT = Path(__file__).resolve().parents[2] / "demo"


@pytest.mark.django_db
def test_loading_twice_gives_the_same_forum() -> None:
    people.load(ROOT, "demo")
    demo.load(ROOT)
    counts = [model.objects.count() for model in (SpacePage, Question, Answer, Vote)]
    demo.load(ROOT)
    assert [model.objects.count() for model in (SpacePage, Question, Answer, Vote)] == counts
    assert counts[0] == 20
    assert counts[1] >= 25
    for question in Question.objects.all():
        assert question.created <= question.last_activity
        assert question.audience.key_set <= question.space.audience.key_set
        for answer in question.answers.all():
            assert answer.created >= question.created
            assert answer.vote_count == answer.votes.count()
    assert Question.objects.filter(state="solved").exists()
    assert not User.objects.filter(notifications__isnull=False).exists()
