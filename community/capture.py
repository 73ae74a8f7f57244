"""A question with its best answer, as material for an FAQ."""

from accounts.audiences import Person
from community import permissions
from community.models import Answer, Question
from kb.capture import Exchange, OriginValue, Turn


def load(viewer: Person, pk: int) -> Exchange | None:
    """Return the question and its visible answers; the accepted one, or else the one with most votes, is suggested.

    None if the question does not exist, is hidden, or is not for this viewer.
    """
    rows = Question.objects.visible_to(viewer).select_related("author", "audience", "space", "topic")
    question = rows.filter(pk=pk).first()
    if question is None or not permissions.can_capture(viewer, question):
        return None
    answers = [a for a in question.answers_for(viewer, moderator=False) if not a.hidden]
    writers = [row.author for row in (question, *answers) if row.author]
    return Exchange(
        turns=[_turn(question, f"{question.title}\n\n{question.body}".strip()), *(_turn(a, a.body) for a in answers)],
        suggested_question=question.title,
        suggested_answer=answers[0].body if answers else "",
        language=question.language,
        origin=OriginValue(
            key=question.key,
            url=question.get_absolute_url(),
            asker_id=question.author_id,
            audience_keys=question.audience.key_set,
        ),
        topic=question.topic or question.space.topic,
        audience=question.audience.key_set,
        names=tuple(dict.fromkeys(str(person) for person in writers)),
        question_turns=frozenset({0}),
        answer_turns=frozenset({1} if answers else ()),
    )


def _turn(row: Question | Answer, words: str) -> Turn:
    return Turn(
        author_label=str(row.author or ""),
        is_staff=isinstance(row, Answer) and row.from_staff,
        text=words,
        at=row.created,
    )
