"""Everything that changes a conversation. Each act locks its row, numbers its event and publishes on commit.

Messages are their own record; every other act writes an audit row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audiences import Person
from accounts.models import Audience, Team, User
from accounts.permissions import require
from chat import notices, permissions, resume_links
from chat.frames import event_frame, state_frame
from chat.models import Conversation, Event, Participant
from chat.models.conversation import visitor_hash
from chat.rooms import conversation_room, desk_frame, desk_room, queue_frame, queue_room
from kb.models import TopicPage
from live import hub
from markup.text import plain, render
from search.models.outbox import enqueue_documents
from web.addresses import local_url

MAX_MESSAGE = 4_000  # characters
MAX_LINK_VISITORS = 20
State, Kind = Conversation.State, Event.Kind
_waits: ContextVar[bool] = ContextVar("waits", default=True)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Acts in this block raise OperationalError at once when somebody else holds the conversation's row."""
    token = _waits.set(False)
    try:
        yield
    finally:
        _waits.reset(token)


class Closed(Exception):
    """The conversation is closed: reopen it first."""


class Taken(Exception):
    """A colleague answers this conversation: take it over first."""


class Conflict(Exception):
    """Another message already has this client_id: of somebody else, or with another text."""


@transaction.atomic
def start_conversation(
    *, by: Person, team: Team, question: str, language: str, name: str = "", email: str = "",
    topic: TopicPage | None = None, page_title: str = "", page_url: str = "",
) -> Conversation:  # fmt: skip
    """Put a question (Markdown) to a team. Raises PermissionDenied, markup.text.TooLong."""
    require(permissions.can_start(by, team))
    known = by.user.is_authenticated
    conversation = Conversation(
        team=team,
        customer_id=by.user.pk if known else None,
        visitor="" if known else visitor_hash(by.visitor),
        name="" if known else name,
        email="" if known else email,
        language=language,
        subject=subject_of(question),
        topic=topic,
        page_title=page_title[:200],
        page_url=local_url(page_url, longest=500),
        audience=Audience.objects.of([]),
    )
    conversation.save()
    _participant(conversation, by, is_staff=False)
    conversation.set_audience()
    conversation.save(update_fields=["audience"])
    audit.record("chat.started", by=by.user, target=conversation, team=team.pk)
    _add(conversation, Kind.MESSAGE, by=by, body=question)
    _queue_moved(conversation.team_id)
    return conversation


def subject_of(question: str) -> str:
    """The first line of a question, as a title of at most 160 characters."""
    line = next((line.strip() for line in plain(question).splitlines() if line.strip()), question.strip())
    return line if len(line) <= 160 else line[:159].rstrip() + "…"


@transaction.atomic
def post_message(*, by: Person, conversation: Conversation, body: str, client_id: str = "") -> Event:
    """Say something. With a client_id a resend, by the same participant with the same text, returns the event it made.

    An agent who answers a waiting conversation takes it. Raises PermissionDenied, Closed, Taken, Conflict, TooLong.
    """
    conversation = _lock(conversation)
    require(permissions.can_post(by, conversation))
    if client_id and (known := conversation.events.filter(client_id=client_id).first()):
        if not _is_resend(known, by, body, asks=permissions.is_asker(by, conversation)):
            raise Conflict
        return known
    if conversation.state == State.CLOSED:
        raise Closed
    if not permissions.is_asker(by, conversation):
        _take(conversation, by)
    event = _add(conversation, Kind.MESSAGE, by=by, body=body, client_id=client_id)
    if event.is_staff:
        notices.tell_asker(conversation, event)
    return event


@transaction.atomic
def take(*, by: Person, conversation: Conversation, over: bool = False) -> None:
    """Answer this conversation from now on. Raises PermissionDenied, Closed; Taken unless `over`."""
    conversation = _lock(conversation)
    require(permissions.can_answer(by, conversation))
    if conversation.state == State.CLOSED:
        raise Closed
    _take(conversation, by, over=over)


@transaction.atomic
def release(*, by: Person, conversation: Conversation) -> None:
    """Put it back in the team's queue, where it keeps its place. Raises PermissionDenied, Closed."""
    conversation = _lock(conversation)
    require(permissions.can_answer(by, conversation))
    if conversation.state == State.CLOSED:
        raise Closed
    if conversation.state == State.WAITING:
        return
    _set(conversation, state=State.WAITING, taken_by=None)
    _add(conversation, Kind.LEFT, by=by, body=str(by.user))
    audit.record("chat.released", by=by.user, target=conversation)
    _queue_moved(conversation.team_id)


@transaction.atomic
def transfer(*, by: Person, conversation: Conversation, team: Team) -> None:
    """Pass it on to another team, which sees it from now on instead. Raises PermissionDenied, Closed, ValueError."""
    conversation = _lock(conversation)
    require(permissions.can_answer(by, conversation))
    if conversation.state == State.CLOSED:
        raise Closed
    if team.pk == conversation.team_id or not team.takes_chats:
        raise ValueError("another team that takes chats")
    before = conversation.team_id
    # The event goes out while both teams can see it; after it the old team's sockets look again.
    _add(conversation, Kind.TRANSFERRED, by=by, body=team.name)
    conversation.team = team
    conversation.set_audience()
    _set(conversation, team=team, audience=conversation.audience, state=State.WAITING, taken_by=None)
    enqueue_documents(conversation.key)
    audit.record("chat.transferred", by=by.user, target=conversation, team=team.pk, before=before)
    hub.doubt_on_commit(conversation=conversation.pk)
    _queue_moved(before, team.pk)


@transaction.atomic
def close(*, by: Person, conversation: Conversation) -> None:
    """It is done. Closing a closed one changes nothing. Raises PermissionDenied."""
    conversation = _lock(conversation)
    require(permissions.can_post(by, conversation))
    if conversation.state == State.CLOSED:
        return
    _set(conversation, state=State.CLOSED, closed=timezone.now())
    _add(conversation, Kind.CLOSED, by=by)
    audit.record("chat.closed", by=by.user, target=conversation)
    _queue_moved(conversation.team_id)


@transaction.atomic
def reopen(*, by: Person, conversation: Conversation) -> None:
    """Go on with a closed conversation: it waits in the team's queue again. Raises PermissionDenied."""
    conversation = _lock(conversation)
    require(permissions.can_post(by, conversation))
    if conversation.state != State.CLOSED:
        return
    asker = permissions.is_asker(by, conversation)
    now = timezone.now()
    if asker:
        _set(conversation, state=State.WAITING, taken_by=None, closed=None, waiting_since=now, team_to_move=True)
    else:
        _set(conversation, state=State.ACTIVE, taken_by=by.user, closed=None)
    _add(conversation, Kind.REOPENED, by=by)
    audit.record("chat.reopened", by=by.user, target=conversation)
    _queue_moved(conversation.team_id)


@transaction.atomic
def leave_email(*, by: Person, conversation: Conversation, email: str) -> None:
    """An anonymous asker says where the answer may be sent; "" takes it back. Raises PermissionDenied."""
    conversation = _lock(conversation)
    require(permissions.is_asker(by, conversation) and not conversation.customer_id)
    _set(conversation, email=email, email_confirmed=conversation.email_confirmed and email == conversation.email)
    audit.record("chat.email_left", by=by.user, target=conversation)


@transaction.atomic
def join_by_link(*, by: Person, conversation: Conversation, mailed: str = "") -> None:
    """Whoever holds the link (the view checked it) is the asker, on this device too. Raises PermissionDenied.

    `mailed`: the mark of the address that the link was mailed to; the asker reads that mailbox.
    """
    conversation = _lock(conversation)
    require(bool(by.visitor) and not conversation.customer_id)
    if mailed and mailed == resume_links.mark(conversation.email) and not conversation.email_confirmed:
        _set(conversation, email_confirmed=True)
        audit.record("chat.email_confirmed", by=by.user, target=conversation)
    if conversation.participants.filter(visitor=visitor_hash(by.visitor)).exists():
        return
    by_link = conversation.participants.filter(is_staff=False).exclude(visitor=conversation.visitor)
    kept = by_link.order_by("-joined").values_list("pk", flat=True)[: MAX_LINK_VISITORS - 1]
    by_link.exclude(pk__in=list(kept)).delete()
    _participant(conversation, Person(visitor=by.visitor), is_staff=False)
    conversation.set_audience()
    _set(conversation, audience=conversation.audience)
    enqueue_documents(conversation.key)
    hub.doubt_on_commit(conversation=conversation.pk)
    audit.record("chat.joined_by_link", by=by.user, target=conversation)


@transaction.atomic
def hand_over(*, by: User, visitor: str) -> None:
    """`by` signed in and had asked as a visitor (their token): those conversations are theirs now."""
    hashed = visitor_hash(visitor)
    rows = Conversation.objects.filter(participants__visitor=hashed)
    for row in rows.order_by("pk"):
        conversation = _lock(row)
        conversation.participants.filter(visitor=hashed).delete()
        _participant(conversation, Person(user=by), is_staff=False)
        if conversation.visitor == hashed:
            _set(conversation, customer=by, visitor="", name="", email="", email_confirmed=False)
        conversation.set_audience()
        _set(conversation, audience=conversation.audience)
        enqueue_documents(conversation.key)
        hub.doubt_on_commit(conversation=conversation.pk)
        audit.record("chat.handed_over", by=by, target=conversation)


@transaction.atomic
def mark_seen(*, by: Person, conversation: Conversation, number: int) -> None:
    """The viewer has seen everything up to `number`. Numbers only go up. Raises PermissionDenied."""
    require(permissions.can_post(by, conversation))
    number = min(number, conversation.last_number)
    who = {"user": by.user} if by.user.is_authenticated else {"visitor": visitor_hash(by.visitor)}
    Participant.objects.filter(conversation=conversation, last_seen__lt=number, **who).update(last_seen=number)


@transaction.atomic
def add_faq(*, conversation_id: int, faq_id: int, title: str, url: str) -> Event | None:
    """The answer became an FAQ: say so in the thread, once. Called when kb published it, not by a person."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    conversation = _lock(conversation)
    client_id = f"faq:{faq_id}"
    if conversation.events.filter(client_id=client_id).exists():
        return None
    event = _add(conversation, Kind.FAQ_PUBLISHED, by=None, body=title, url=url, client_id=client_id)
    notices.tell_asker_of_faq(conversation, event, f"faq:{faq_id}")
    return event


# -- parts of the acts; the conversation is locked ------------------------------------------------


def _lock(conversation: Conversation) -> Conversation:
    """The row as it is now, ours until the transaction ends. SQLite has one writer at a time anyway."""
    rows = Conversation.objects.select_related("team", "customer", "taken_by", "audience")
    return rows.select_for_update(of=("self",), no_key=True, nowait=not _waits.get()).get(pk=conversation.pk)


def _is_resend(known: Event, by: Person, body: str, *, asks: bool) -> bool:
    """Whether this is what the participant sent before. An asker may have signed in since, and is the same one."""
    same_author = known.author_id == by.user.pk or (asks and known.author_id is None)
    return same_author and known.kind == Kind.MESSAGE and known.is_staff is not asks and known.body == body


def _set(conversation: Conversation, **values: Any) -> None:
    """Change columns that search does not know; whoever changes the audience marks the document dirty too."""
    for name, value in values.items():
        setattr(conversation, name, value)
    Conversation.objects.filter(pk=conversation.pk).update(**values)


def _add(
    conversation: Conversation, kind: Event.Kind, *, by: Person | None, body: str = "", url: str = "",
    client_id: str = "",
) -> Event:  # fmt: skip
    """Append an event with the next number, and publish it and the state on commit."""
    is_staff = by is None or not permissions.is_asker(by, conversation)
    number, now = conversation.last_number + 1, timezone.now()
    event = Event(
        conversation=conversation,
        number=number,
        kind=kind,
        author=by.user if by and by.user.is_authenticated else None,
        is_staff=is_staff,
        body=body,
        body_html=render(body, max_length=MAX_MESSAGE) if kind == Kind.MESSAGE else "",
        url=url,
        client_id=client_id,
        at=now,
    )
    event.save(force_insert=True)
    values: dict[str, Any] = {"last_number": number, "last_at": now}
    if kind == Kind.MESSAGE:
        values["team_to_move"] = not is_staff
    _set(conversation, **values)
    if by:
        mark_seen(by=by, conversation=conversation, number=number)
    room = conversation_room(conversation.pk)
    if kind == Kind.FAQ_PUBLISHED:
        hub.replay_on_commit(room)
    else:
        hub.publish_on_commit(room, event_frame(event))
    hub.publish_on_commit(room, state_frame(conversation))
    hub.publish_on_commit(desk_room(conversation.team_id), desk_frame(conversation.pk))
    return event


def _take(conversation: Conversation, by: Person, *, over: bool = False) -> None:
    if conversation.state == State.ACTIVE and conversation.taken_by_id == by.user.pk:
        return
    if conversation.state == State.ACTIVE and not over:
        raise Taken
    _set(conversation, state=State.ACTIVE, taken_by=by.user)
    _participant(conversation, by, is_staff=True)
    _add(conversation, Kind.JOINED, by=by, body=str(by.user))
    audit.record("chat.taken", by=by.user, target=conversation)
    _queue_moved(conversation.team_id)


def _participant(conversation: Conversation, by: Person, *, is_staff: bool) -> None:
    who = {"user": by.user} if by.user.is_authenticated else {"visitor": visitor_hash(by.visitor)}
    Participant.objects.get_or_create(conversation=conversation, **who, defaults={"is_staff": is_staff})


def _queue_moved(*team_ids: int) -> None:
    for pk in team_ids:
        hub.publish_on_commit(queue_room(pk), queue_frame(pk))
        hub.publish_on_commit(desk_room(pk), desk_frame(0))
