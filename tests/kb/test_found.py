"""FAQs and topics as they are found."""

from collections.abc import Callable

import pytest

from kb.models import Faq, TopicPage
from search import query
from tests.kb.conftest import make_faq, make_topic
from tests.people import People

pytestmark = pytest.mark.django_db


def test_what_is_found_in_another_language_is_shown_in_the_readers(people: People, indexed: Callable[[], int]) -> None:
    dutch = make_faq("Hoe meld ik me ziek?", {"public"}, make_topic("Ziek", {"public"}))
    english = make_faq("How do I call in sick?", {"public"}, make_topic("Ill", {"public"}, "en"))
    alone = make_faq("May I call in sick from abroad?", {"public"}, english.topic)
    Faq.objects.filter(pk=english.pk).update(translation_key=dutch.translation_key)
    indexed()
    found = query.search("call in sick", viewer=people.viewer("anonymous"), language="nl")
    assert [hit.row.pk for hit in found.hits] == [dutch.pk, alone.pk]
    assert not found.crossing
    Faq.objects.filter(pk=dutch.pk).update(live=False)
    indexed()
    found = query.search("call in sick", viewer=people.viewer("anonymous"), language="nl")
    assert {hit.row.pk for hit in found.hits} == {english.pk, alone.pk}
    assert found.crossing


def test_a_topic_is_found_by_its_name_in_the_cms(db: None) -> None:
    topic = make_topic("Ziek en weer beter", {"public"})
    assert [page.pk for page in TopicPage.objects.search("ziek")] == [topic.pk]
