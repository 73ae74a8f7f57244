"""Rows for addresses with parameters."""

from accounts import audiences
from kb.models import Faq
from tests.examples import Examples, each
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.people import People


def examples(people: People) -> Examples:
    """FAQs for everyone and for one organisation, an article and a draft."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    house = {audiences.organisation(people.business.pk), audiences.STAFF}
    faqs = {
        "public": make_faq("Hoe vraag ik verlof aan?", {audiences.PUBLIC}, topic),
        "house": make_faq("Hoe werkt ons rooster?", house, topic),
    }
    article = make_article("Verlof van A tot Z", {audiences.PUBLIC}, topic)
    draft = Faq(question="Concept", answer="Nog niet.", topic=topic, locale=topic.locale, live=False)
    draft.save()
    return {
        "kb:faq": each(faqs, slug="slug"),
        "kb:faq_short": each(faqs),
        "kb:feedback": [(f"FAQ, {n}", {"kind": "faq", "pk": f.pk}) for n, f in faqs.items()]
        + [("article", {"kind": "article", "pk": article.pk})],
        "kb:draft": [("a draft", {"pk": draft.pk})],
    }
