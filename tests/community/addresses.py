"""Rows for addresses with parameters."""

from accounts import audiences
from accounts.audiences import Person
from community import actions
from moderation.actions import flag
from tests.community.conftest import make_space
from tests.examples import Examples, each
from tests.people import People


def examples(people: People) -> Examples:
    """A question with its answer in an open space, where it is flagged, and in one organisation's."""
    house = {audiences.organisation(people.business.pk), audiences.STAFF}
    spaces = {"public": make_space("t-open", audiences.PUBLIC), "house": make_space("t-huis", *house)}
    questions = {
        name: actions.ask(by=Person(people.owner), space=space, title="Waar staat de printer?", body="", language="nl")
        for name, space in spaces.items()
    }
    answers = {
        name: actions.answer(by=Person(people.agent), question=question, body="Op de gang.")
        for name, question in questions.items()
    }
    flag(by=Person(people.colleague), key=f"question:{questions['public'].pk}", reason="other", text="Dubbel")
    return {
        "kb:capture": [("house question", {"kind": "question", "pk": questions["house"].pk})],
        "community:question": each(questions, slug="slug"),
        "community:question_short": each(questions),
        "community:answer": each(questions),
        "community:edit_question": each(questions),
        "community:vote_question": each(questions),
        "community:move": each(questions),
        "community:hide_question": each(questions),
        "community:edit_answer": each(answers),
        "community:vote_answer": each(answers),
        "community:accept": each(answers),
        "community:hide_answer": each(answers),
        "community:follow_space": each(spaces),
    }
