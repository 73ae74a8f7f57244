"""Rows of every findable kind, for tests that are about all kinds together.

Each package adds a function to MAKERS that makes rows for as many audiences as it has, and one to CHANGERS that
changes, hides, narrows and deletes some of them, in the ways that people do.
"""

from collections.abc import Callable

from accounts import audiences, visitors
from accounts.audiences import Person
from accounts.models import Audience, Circle, CircleMembership
from tests.people import People


def make_knowledge(people: People) -> None:
    """FAQs and articles for each kind of audience, in an open topic and in a closed one; a draft."""
    from kb.models import Faq
    from tests.kb.conftest import keys_for, make_article, make_faq, make_topic

    topics = [
        make_topic("Verlof", {audiences.PUBLIC}),
        make_topic("Salaris", {audiences.EMPLOYEES}),
        make_topic("Leave", {audiences.PUBLIC}, "en"),
    ]
    for topic in topics:
        for kind, keys in keys_for(people).items():
            make_faq(f"{topic.title}: hoe werkt het voor {kind}?", keys, topic)
            make_article(f"{topic.title} voor {kind}", keys, topic)
    Faq(
        question="Nog niet klaar",
        answer="Concept.",
        topic=topics[0],
        locale=topics[0].locale,
        own_audience=Audience.objects.of({audiences.PUBLIC}),
        live=False,
    ).save()


def change_knowledge(people: People) -> None:
    """Unpublish one FAQ, delete another, delete an article, narrow a topic."""
    from kb.models import ArticlePage, Faq, TopicPage

    Faq.objects.get(question="Verlof: hoe werkt het voor public?").unpublish()
    Faq.objects.get(question="Verlof: hoe werkt het voor employees?").delete()
    ArticlePage.objects.get(title="Verlof voor public").delete()
    ArticlePage.objects.get(title="Verlof voor employees").unpublish()
    topic = TopicPage.objects.get(title="Leave")
    topic.own_audience = Audience.objects.of({audiences.STAFF})
    topic.save()


def make_forum(people: People) -> None:
    """A question in an open space, in an organisation's and in a circle's; one is narrowed further."""
    from community import actions
    from tests.community.conftest import make_space

    circle = Circle.objects.create(name="Kring", slug="t-content")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    spaces = [
        make_space("t-open", audiences.PUBLIC),
        make_space("t-werk", audiences.EMPLOYEES, audiences.STAFF),
        make_space("t-huis", audiences.organisation(people.business.pk), audiences.STAFF),
        make_space("t-kring", audiences.circle(circle.pk)),
    ]
    unit = Audience.objects.of({audiences.unit(people.unit.pk)})
    for space in spaces:
        for narrower in (None, unit) if space is spaces[1] else (None, None, None):
            question = actions.ask(
                by=Person(people.owner),
                space=space,
                title="Waar is de koffie?",
                body="",
                language="nl",
                audience=narrower,
            )
            if narrower is None and space is not spaces[3]:
                actions.answer(by=Person(people.agent), question=question, body="In de kast.")


def change_forum(people: People) -> None:
    """Hide a question, delete one, move one, close a space to all but staff, and take one offline."""
    from community import actions
    from community.models import Question, SpacePage

    first, second, third = Question.objects.filter(space__slug="t-open").order_by("pk")
    actions.hide(by=Person(people.owner), row=first)
    second.delete()
    house = SpacePage.objects.get(slug="t-huis")
    actions.move(by=Person(people.curator), question=third, space=house)
    SpacePage.objects.get(slug="t-kring").unpublish()
    space = SpacePage.objects.get(slug="t-werk")
    space.own_audience = Audience.objects.of({audiences.STAFF})
    space.save()


def make_chats(people: People) -> None:
    """Conversations of a person and of a visitor, with each team."""
    from chat import actions

    visitor = audiences.viewer_for(people.anonymous, visitors.new_token())
    for team in (people.hr, people.ict):
        for viewer in (people.viewer("owner"), people.viewer("outsider"), visitor):
            actions.start_conversation(
                by=Person(viewer), team=team, question="Hoe zit het met mijn laptop?", language="nl"
            )


def change_chats(people: People) -> None:
    """Hand one conversation to the other team."""
    from chat import actions
    from chat.models import Conversation

    conversation = Conversation.objects.filter(team=people.hr).earliest("pk")
    actions.take(by=Person(people.viewer("agent")), conversation=conversation)
    actions.transfer(by=Person(people.viewer("agent")), conversation=conversation, team=people.ict)


MAKERS: list[Callable[[People], None]] = [make_knowledge, make_forum, make_chats]
CHANGERS: list[Callable[[People], None]] = [change_knowledge, change_forum, change_chats]
