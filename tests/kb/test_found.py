"""FAQs and topics in search results."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from discovery import explanations
from kb.documents import topic_titles
from kb.models import Faq, TopicPage
from search import query, vocabulary
from search.curation.synonyms import NO_SYNONYMS
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
    assert not found.other_language
    assert found.total == 2
    found = query.search(
        "call in sick", viewer=people.viewer("anonymous"), language="nl", filters={"language": ("en",)}
    )
    assert {hit.row.pk for hit in found.hits} == {english.pk, alone.pk}, "asked for English, English it is"
    Faq.objects.filter(pk=dutch.pk).update(live=False)
    indexed()
    found = query.search("call in sick", viewer=people.viewer("anonymous"), language="nl")
    assert {hit.row.pk for hit in found.hits} == {english.pk, alone.pk}
    assert found.other_language


def test_one_translation_is_shown_where_the_best_of_them_stands(people: People, indexed: Callable[[], int]) -> None:
    topic = make_topic("Verbinding", {"public"})
    for number in range(3):
        make_faq(f"BrugVPN staat op laptop {number}", {"public"}, topic, answer="Met BrugVPN kun je thuis werken.")
    english = make_faq(
        "BrugVPN error 691", {"public"}, make_topic("Connection", {"public"}, "en"), answer="BrugVPN 691."
    )
    dutch = make_faq("BrugVPN maakt geen verbinding", {"public"}, topic, answer="Start de laptop opnieuw op.")
    Faq.objects.filter(pk=dutch.pk).update(translation_key=english.translation_key)
    indexed()
    for language, first, other in (("nl", dutch, english), ("en", english, dutch)):
        found = query.search("BrugVPN 691", viewer=people.viewer("anonymous"), language=language)
        assert found.hits[0].row == first
        assert other not in [hit.row for hit in found.hits]
        assert found.total == len(found.hits) == 4
        why = explanations.explain(found.hits[0], found.trace, vocabulary.current(), NO_SYNONYMS)
        assert why.translates == (language == "nl")
        assert why.fused == pytest.approx(sum(why.shares)) and why.fused > 0


def test_a_topic_is_found_by_its_name_in_the_cms(db: None, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # a task of Wagtail indexes it
        topic = make_topic("Ziek en weer beter", {"public"})
    assert [page.pk for page in TopicPage.objects.search("ziek")] == [topic.pk]


def test_the_list_of_all_topics_is_no_topic_of_what_is_found(
    people: People, indexed: Callable[[], int], client: Client
) -> None:
    everything = TopicPage.objects.get(depth=3, locale__language_code="nl")
    everything.title = "Onderwerpen"
    everything.save()
    make_faq("Wie repareert de piano?", {"public"}, everything)
    make_faq("Wie stemt de piano?", {"public"}, make_topic("Muziek", {"public"}))
    indexed()
    found = query.search("piano", viewer=people.viewer("anonymous"), language="nl")
    assert {hit.document.topic_title for hit in found.hits} == {"", "Muziek"}
    asked = query.search("piano onderwerp:onderwerpen", viewer=people.viewer("anonymous"), language="nl")
    assert asked.parsed.filters == {}
    assert topic_titles([str(everything.translation_key)], "nl", people.viewer("curator")) == {}
    text = client.get("/nl/zoeken/", {"q": "piano", "topic": str(everything.translation_key)}).text
    assert "Onderwerp: onbekend" in text
    assert ">Onderwerpen " not in text
    suggested = client.get("/nl/zoeken/suggesties/", {"q": "wie rep"}).text
    assert "piano" in suggested
    assert "Onderwerpen" not in suggested
