"""The session of a socket, and a look at the rights of many people at once. Everything here runs in a thread."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as SessionRow
from django.db import connection
from django.db.models import Exists
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.audiences import Person, viewer_for
from accounts.models import User
from accounts.visitors import COOKIE, read_token
from live import rooms
from web import limits, params

Rights = frozenset[tuple[Any, ...]]


# In SQL: a look happens whenever a socket opens, and the ORM takes 4 ms of CPU to put seven parts together.
_LOOK = """
SELECT 'person', CAST(id AS text), password, CAST(is_active AS text), CAST(is_superuser AS text)
    FROM accounts_user WHERE id IN ({people})
UNION ALL SELECT 'role', CAST(user_id AS text), role, '', '' FROM accounts_rolegrant WHERE user_id IN ({people})
UNION ALL SELECT 'circle', CAST(user_id AS text), CAST(circle_id AS text), '', ''
    FROM accounts_circlemembership WHERE user_id IN ({people})
UNION ALL SELECT 'organisation', CAST(m.user_id AS text), CAST(o.id AS text), o.kind, u.path
    FROM accounts_membership m JOIN accounts_organisation o ON o.id = m.organisation_id
    LEFT JOIN accounts_unit u ON u.id = m.unit_id WHERE m.user_id IN ({people})
UNION ALL SELECT 'team', CAST(m.user_id AS text), CAST(t.id AS text), o.kind, CAST(t.parent_id AS text)
    FROM accounts_teammembership m JOIN accounts_team t ON t.id = m.team_id
    JOIN accounts_organisation o ON o.id = t.organisation_id WHERE m.user_id IN ({people})
UNION ALL SELECT 'session', session_key, '', '', '' FROM django_session
    WHERE session_key IN ({keys}) AND expire_date > %s
"""
# For each kind of room with a log.
_LOOK_ROOMS = """
UNION ALL SELECT 'room', '{kind}', CAST({pk} AS text), CAST(audience_id AS text), '' FROM {table} WHERE {pk} IN ({pks})
"""


class SignedOut(Exception):
    """The session in which the socket was opened has ended."""


def session_hash(key: str) -> str:
    """Return what other processes are told of a session. The key itself would let in whoever reads it."""
    return hashlib.sha256(key.encode()).hexdigest()


class Session:
    """The browser session of a socket, from the cookies of its request: `find` its person, then `check` it."""

    user_id: int | None = None
    rights: Rights = frozenset()  # of the person, as they were last looked at
    _auth_hash = ""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        """Reads no database: `find` does."""
        sent = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
        cookies = params.cookies(parse_cookie(sent.decode("latin-1")))
        self.visitor = read_token(cookies.get(COOKIE, ""))
        self.key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        self.hash = session_hash(self.key) if self.key else ""
        self.who = limits.who(scope)

    @property
    def somebody(self) -> bool:
        """True for a person or a visitor."""
        return bool(self.user_id or self.visitor)

    def find(self) -> None:
        """Find the person of the session, so that they can be counted. One query for a session, none without."""
        if not self.key:
            return
        store = SessionStore(self.key)
        user_id, self._auth_hash = store.get(SESSION_KEY), store.get(HASH_SESSION_KEY, "")
        if user_id is not None:
            self.user_id = int(user_id)
            self.who = f"user:{self.user_id}"

    def check(self) -> None:
        """Keep the rights of the person found. One query. Raises SignedOut when they may not sign in with it now."""
        if self.user_id is None:
            return
        self.rights = look([self.user_id], [], []).people[self.user_id]
        password = next((row[2] for row in self.rights if row[0] == "person" and row[3] in _TRUE), "")
        if not password or not self._fits(User(password=password)):
            raise SignedOut

    def viewer(self) -> Person:
        """Return the viewer as they are now. Raises SignedOut when the session ended or the person may not sign in."""
        if self.user_id is None:
            return viewer_for(AnonymousUser(), self.visitor)
        goes_on = Exists(SessionRow.objects.filter(session_key=self.key, expire_date__gt=timezone.now()))
        user = User.objects.filter(goes_on, pk=self.user_id, is_active=True).first()
        if user is None or not self._fits(user):
            raise SignedOut
        return viewer_for(user, self.visitor)

    def _fits(self, user: User) -> bool:
        return constant_time_compare(self._auth_hash, user.get_session_auth_hash())


_TRUE = ("1", "true")  # as SQLite and PostgreSQL spell it


@dataclass
class Looked:
    """The result of a look."""

    people: dict[int, Rights] = field(default_factory=lambda: defaultdict(frozenset))
    sessions: set[str] = field(default_factory=set)  # those that go on
    audiences: dict[str, int] = field(default_factory=dict)  # of rooms with a log


def look(people: Collection[int], sessions: Collection[str], followed: Collection[str]) -> Looked:
    """Return everything that decides what these people may see now, and the audiences of rooms with a log. One query,
    however many kinds of rooms there are."""
    found: dict[int, set[tuple[Any, ...]]] = {pk: set() for pk in people}
    looked = Looked()
    for row in _rows(people, sessions, followed):
        kind, owner = row[:2]
        if kind == "session":
            looked.sessions.add(owner)
        elif kind == "room":
            looked.audiences[f"{owner}.{row[2]}"] = int(row[3])
        else:
            found[int(owner)].add(row)
    looked.people.update({pk: frozenset(rows) for pk, rows in found.items()})
    return looked


def _rows(people: Collection[int], sessions: Collection[str], followed: Collection[str]) -> list[tuple[str, ...]]:
    """Return (kind, owner, and up to three values that matter) of each row, all as text."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    query = _LOOK.format(people=_places(people), keys=_places(sessions))
    values: list[Any] = [*people] * 5 + [*sessions, now]
    for kind, log in rooms.logs().items():
        pks = [int(room.partition(".")[2]) for room in followed if room.startswith(f"{kind}.")]
        meta = apps.get_model(log.model)._meta
        query += _LOOK_ROOMS.format(kind=kind, pk=meta.pk.column, table=meta.db_table, pks=_places(pks))
        values += pks
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[str, ...]] = cursor.fetchall()
    return found


def _places(of: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(of)) or "NULL"
