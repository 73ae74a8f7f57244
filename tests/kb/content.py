"""FAQs, articles and topics for tests that are about all findable kinds together."""

from accounts import audiences
from accounts.models import Audience
from kb.models import ArticlePage, Faq, TopicPage
from tests.kb.conftest import keys_for, make_article, make_faq, make_topic
from tests.people import People


def make(people: People) -> None:
    """FAQs and articles for each kind of audience, in an open topic and in a closed one; a draft."""
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


def change(people: People) -> None:
    """Unpublish one FAQ, delete another, delete an article, narrow a topic."""
    Faq.objects.get(question="Verlof: hoe werkt het voor public?").unpublish()
    Faq.objects.get(question="Verlof: hoe werkt het voor employees?").delete()
    ArticlePage.objects.get(title="Verlof voor public").delete()
    ArticlePage.objects.get(title="Verlof voor employees").unpublish()
    topic = TopicPage.objects.get(title="Leave")
    topic.own_audience = Audience.objects.of({audiences.STAFF})
    topic.save()
