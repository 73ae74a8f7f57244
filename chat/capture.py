"""A conversation as the beginning of an FAQ: which messages ask, which answer, and what to leave out at first.

Guesses only. The agent sees all turns and marks others.
"""

import re
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Membership
from chat import permissions
from chat.models import Conversation, Event
from kb.capture import Exchange, OriginValue, Turn
from kb.models import TopicPage

_GREETING = re.compile(
    r"^(?:(?:hoi|hai|hallo|hey|hi|hello|dag|beste|dear|bon dia|good (?:morning|afternoon|evening)|"
    r"goede(?:morgen|middag|n?avond)|goeden? (?:morgen|middag|avond))\b[^.!?,\n]{0,30}[.!?,\n]\s*)+",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:ik (?:kijk|zoek|vraag) (?:het |hem |dat )?(?:even|op|na|uit)|(?:een )?(?:moment|ogenblik)(?:je)?\b|"
    r"let me (?:check|look|see)|one moment|i(?:'ll| will) (?:check|look|find out))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
SHORT_QUESTION, SHORT_ANSWER, PASSING = 15, 25, 150  # characters


def load(viewer: Any, pk: int) -> Exchange | None:
    """The exchange of a conversation, or None when the viewer may not make an FAQ of it."""
    rows = Conversation.objects.for_lists().select_related("topic", "audience")
    conversation: Conversation | None = rows.filter(pk=pk).first()
    if conversation is None or not permissions.can_capture(viewer, conversation):
        return None
    said = Event.objects.filter(conversation=conversation, kind=Event.Kind.MESSAGE).select_related("author")
    events = list(said.order_by("number"))
    asked, answered = question_turns(events), answer_turns(events)
    return Exchange(
        turns=[_turn(conversation, event) for event in events],
        suggested_question=question_of([events[i].body for i in sorted(asked)]) or conversation.subject,
        suggested_answer="\n\n".join(without_greeting(events[i].body) for i in sorted(answered)),
        language=conversation.language,
        topic=_topic(viewer, conversation),
        audience=_audience(conversation),
        names=_names(conversation, events),
        origin=_origin(conversation),
        question_turns=asked,
        answer_turns=answered,
    )


def question_turns(events: list[Event]) -> frozenset[int]:
    """What the asker said before anybody answered, greetings left out."""
    first_answer = next((i for i, event in enumerate(events) if event.is_staff), len(events))
    own = range(first_answer)
    asked = frozenset(i for i in own if len(without_greeting(events[i].body)) >= SHORT_QUESTION)
    return asked or frozenset(own[:1])


def answer_turns(events: list[Event]) -> frozenset[int]:
    """What the team said that answers: no greeting, no question back, no "I will have a look"."""
    staff = [i for i, event in enumerate(events) if event.is_staff]
    longest = sorted(staff, key=lambda i: len(events[i].body))[-1:]
    return frozenset(i for i in staff if answers(events[i].body)) or frozenset(longest)


def answers(text: str) -> bool:
    """Whether a message says something that would help the next asker."""
    rest = without_greeting(text).strip()
    if len(rest) < SHORT_ANSWER:
        return False
    if len(text) < PASSING and (_LATER.search(text) or rest != text.strip() and len(rest) < PASSING - 40):
        return False
    sentences = [s.strip() for s in _SENTENCE.findall(rest)]
    told = sum(len(s) for s in sentences if not s.endswith("?"))
    return not (sentences[-1].endswith("?") and told < PASSING)


def without_greeting(text: str) -> str:
    """The message without "Hi Anna," in front."""
    rest = _GREETING.sub("", text.strip())
    return rest[:1].upper() + rest[1:]


def question_of(texts: list[str]) -> str:
    """One question out of what was asked: the first message, or its question alone when the message is long."""
    if not texts:
        return ""
    text = " ".join(without_greeting(texts[0]).split())
    sentences = [s.strip() for s in _SENTENCE.findall(text)]
    if sentences and sentences[0].endswith("?"):
        return sentences[0][:255]
    if len(text) <= 160:
        return text
    asked = [s for s in sentences if s.endswith("?") and len(s) >= SHORT_QUESTION]
    return (asked[0] if asked else text)[:255]


def _turn(conversation: Conversation, event: Event) -> Turn:
    label = str(event.author) if event.author else conversation.asker_name
    return Turn(author_label=label, is_staff=event.is_staff, text=event.body, at=event.at)


def _topic(viewer: Person, conversation: Conversation) -> TopicPage | None:
    """The conversation's topic in its own language, else the only topic that its team keeps."""
    locale = Locale.objects.filter(language_code=conversation.language).first()
    topics = TopicPage.objects.live().filter(locale=locale)
    if conversation.topic:
        key = Q(translation_key=conversation.topic.translation_key)
        return topics.filter(key).first() or conversation.topic
    own = list(topics.filter(team=conversation.team_id).order_by("depth", "path")[:2])
    return own[0] if own else None


def _audience(conversation: Conversation) -> frozenset[str]:
    """Whoever is like the asker: everyone for a passer-by, employees for an employee, else the asker's organisation."""
    if not conversation.customer_id:
        return frozenset({audiences.PUBLIC})
    rows = Membership.objects.filter(user=conversation.customer_id).select_related("organisation")
    kinds = {row.organisation.kind: row.organisation_id for row in rows}
    if not kinds or kinds.keys() & {"ssc", "business"}:
        return audiences.with_staff({audiences.EMPLOYEES})
    return audiences.with_staff({audiences.organisation(pk) for pk in kinds.values()})


def _names(conversation: Conversation, events: list[Event]) -> tuple[str, ...]:
    names = {conversation.asker_name, *(str(event.author) for event in events if event.author)}
    return tuple(sorted(name for name in names if name))


def _origin(conversation: Conversation) -> OriginValue:
    with translation.override(conversation.language):
        url = reverse("chat:conversation", args=[conversation.pk])
    return OriginValue(
        key=conversation.key,
        url=url,
        asker_id=conversation.customer_id,
        audience_keys=conversation.audience.key_set,
    )
