"""Audience keys: who a viewer is, and how one audience narrows another.

An audience is a set of keys, meaning *any of*. A viewer holds keys too; they see a row when the two sets meet.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce

if TYPE_CHECKING:
    from accounts.models import User

PUBLIC = "public"
EMPLOYEES = "employees"
STAFF = "staff"
_KEY = re.compile(r"public|employees|staff|(organisation|unit|team|circle|user):[1-9][0-9]*|visitor:[0-9a-f]{64}")


class Viewer(Protocol):
    """Whoever looks."""

    @property
    def keys(self) -> frozenset[str]:
        """The audience keys they hold."""
        ...


def check_key(key: str) -> str:
    """The key itself. Raises ValueError when it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an audience key: {key!r}")
    return key


def organisation(pk: int) -> str:
    """Everybody of an organisation."""
    return f"organisation:{pk}"


def unit(pk: int) -> str:
    """Everybody of a unit and of the units below it."""
    return f"unit:{pk}"


def team(pk: int) -> str:
    """The members of a team and of its parts' parents."""
    return f"team:{pk}"


def circle(pk: int) -> str:
    """The members of a circle."""
    return f"circle:{pk}"


def user(pk: int) -> str:
    """One person."""
    return f"user:{pk}"


def visitor(token: str) -> str:
    """The holder of a visitor token (a cookie or a signed link); only its hash is ever stored."""
    return f"visitor:{hashlib.sha256(token.encode()).hexdigest()}"


@dataclass(frozen=True)
class Person:
    """A viewer: a signed-in person or an anonymous visitor.

    Keys are read once per instance: make one per request or socket frame.
    """

    user: "User | AnonymousUser" = field(default_factory=AnonymousUser)
    visitor: str = ""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The audience keys this person holds now. At most two queries."""
        keys = {PUBLIC}
        if self.visitor:
            keys.add(visitor(self.visitor))
        if self.user.is_authenticated and self.user.is_active:
            keys |= _member_keys(self.user)
        return frozenset(keys)

    @property
    def is_staff(self) -> bool:
        """Member of an SSC team."""
        return STAFF in self.keys

    @property
    def team_ids(self) -> list[int]:
        """The teams this person answers for."""
        return sorted(int(key.partition(":")[2]) for key in self.keys if key.startswith("team:"))


def viewer_for(user: Any, visitor: str = "") -> Person:
    """The viewer for a person (or AnonymousUser) and a visitor token."""
    return Person(user=user, visitor=visitor)


def _member_keys(person: "User") -> set[str]:
    from accounts.models import Organisation, Unit

    kinds = Organisation.Kind
    keys = {user(person.pk)}
    belongs = _belongs(person)
    own_kinds = {kind for sort, _pk, kind, _other in belongs if sort == "organisation"}
    if own_kinds & {kinds.SSC, kinds.BUSINESS}:
        keys.add(EMPLOYEES)
    paths: set[str] = set()
    for sort, pk, kind, other in belongs:
        keys.add(f"{sort}:{pk}")
        if sort == "organisation" and other:
            paths.update(other[:end] for end in _path_ends(other))
        if sort == "team":
            if other:
                keys.add(team(int(other)))
            if kind == kinds.SSC and kinds.PROVIDER not in own_kinds:
                keys |= {STAFF, EMPLOYEES}
    if paths:
        keys |= {unit(pk) for pk in Unit.objects.filter(path__in=paths).values_list("pk", flat=True)}
    return keys


def _belongs(person: "User") -> "list[tuple[str, int, str, str]]":
    """What a person is a member of: (`organisation`, `team` or `circle`, its pk, the organisation's kind, the path of
    the unit or the pk of the team above). One query: this is read for every request and every frame of a socket."""
    nothing = Value("", output_field=CharField())

    def rows(memberships: Any, sort: str, *columns: Any) -> Any:
        return memberships.order_by().values_list(Value(sort, output_field=CharField()), *columns)

    organisations = rows(
        person.memberships, "organisation", "organisation_id", "organisation__kind", Coalesce("unit__path", nothing)
    )
    above = Coalesce(Cast("team__parent_id", CharField()), nothing)
    teams = rows(person.team_memberships, "team", "team_id", "team__organisation__kind", above)
    circles = rows(person.circle_memberships, "circle", "circle_id", nothing, nothing)
    return list(organisations.union(teams, circles, all=True))


def _path_ends(path: str) -> range:
    from accounts.models import Unit

    return range(Unit.steplen, len(path) + 1, Unit.steplen)


def by_name(keys: Iterable[str]) -> frozenset[str]:
    """Audience keys in which short names may stand for numbers ("team:hr"). Raises ValueError naming the wrong one."""
    from accounts.models import Circle, Organisation, Team, Unit

    named: dict[str, Any] = {"organisation": Organisation, "unit": Unit, "team": Team, "circle": Circle}
    found = set()
    for key in keys:
        kind, _colon, name = key.partition(":")
        if kind in named and not name.isdecimal():
            pk = named[kind].objects.filter(slug=name).values_list("pk", flat=True).first()
            if pk is None:
                raise ValueError(f"there is no {kind} {name!r}")
            key = f"{kind}:{pk}"
        found.add(check_key(key))
    return frozenset(found)


def with_staff(keys: Iterable[str]) -> frozenset[str]:
    """An audience meant for business readers, with the SSC that serves them beside it."""
    keys = frozenset(keys)
    business = any(key == EMPLOYEES or key.startswith(("organisation:", "unit:")) for key in keys)
    return keys | {STAFF} if business else keys


def narrow(child: Iterable[str], parent: Iterable[str]) -> frozenset[str]:
    """The widest audience that is never wider than either: keys of one side that imply a key of the other.

    Two keys of which neither implies the other (a circle and a unit) share people that no single key names; they are
    left out, so the result may be smaller than the true intersection and never larger.
    """
    child, parent = frozenset(child), frozenset(parent)
    implied = implications(child | parent)
    return frozenset(
        {c for c in child if implied(c) & parent} | {p for p in parent if implied(p) & child},
    )


def implications(keys: Iterable[str]) -> "Callable[[str], frozenset[str]]":
    """For each key the keys that all its holders hold too, itself included. At most two queries for all of `keys`."""
    from accounts.models import Organisation, Unit

    keys = frozenset(keys)
    unit_ids = [int(key[5:]) for key in keys if key.startswith("unit:")]
    units = list(Unit.objects.filter(pk__in=unit_ids)) if unit_ids else []
    paths = {u.path[:end] for u in units for end in _path_ends(u.path)}
    by_path = {u.path: u.pk for u in Unit.objects.filter(path__in=paths)} if paths else {}
    organisation_ids = {int(key[13:]) for key in keys if key.startswith("organisation:")}
    organisation_ids |= {u.organisation_id for u in units}
    employing = (
        set(
            Organisation.objects.filter(pk__in=organisation_ids, kind__in=["ssc", "business"]).values_list(
                "pk", flat=True
            )
        )
        if organisation_ids
        else set()
    )
    known: dict[str, frozenset[str]] = {STAFF: frozenset({STAFF, EMPLOYEES, PUBLIC})}
    for pk in organisation_ids:
        known[organisation(pk)] = frozenset({organisation(pk), PUBLIC} | ({EMPLOYEES} if pk in employing else set()))
    for u in units:
        above = {unit(by_path[u.path[:end]]) for end in _path_ends(u.path)}
        known[unit(u.pk)] = known[organisation(u.organisation_id)] | above
    return lambda key: known.get(key, frozenset({key, PUBLIC}))
