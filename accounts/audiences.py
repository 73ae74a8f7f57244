"""The audience keys of a viewer, and how one audience limits another."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce

from accounts.keys import (
    EMPLOYEES,
    PUBLIC,
    STAFF,
    both,
    check_key,
    circle,
    organisation,
    parts,
    team,
    unit,
    user,
    visitor,
)
from accounts.models import AudienceKey, Circle, Organisation, Team, Unit, User
from web.http import Viewer

# Other packages import audiences from here; `accounts` itself imports the keys from accounts.keys.
__all__ = [
    "EMPLOYEES", "PUBLIC", "STAFF", "Person", "Viewer", "both", "by_name", "check_key", "circle", "implications",
    "narrow", "new_readers", "organisation", "team", "unit", "user", "viewer_for", "visitor", "with_staff",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A viewer, who can also act: a signed-in person or an anonymous visitor.

    Keys are read once per instance, so make one instance per request, action or socket frame.
    """

    user: User | AnonymousUser = field(default_factory=AnonymousUser)
    visitor: str = ""

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return the audience keys that this person holds now. At most two queries."""
        keys = {PUBLIC}
        if self.visitor:
            keys.add(visitor(self.visitor))
        if self.user.is_authenticated and self.user.is_active:
            keys |= _member_keys(self.user)
        return frozenset(keys)

    @property
    def account(self) -> User:
        """The user of a signed-in person. Raises PermissionDenied for a visitor."""
        if not isinstance(self.user, User):
            raise PermissionDenied
        return self.user

    def has_perm(self, permission: str) -> bool:
        """True if one of the person's roles gives the permission ("kb.draft_faq")."""
        return bool(self.user.has_perm(permission))

    @property
    def is_staff(self) -> bool:
        """Return True for a member of an SSC team."""
        return STAFF in self.keys

    @property
    def team_ids(self) -> list[int]:
        """Return the ids of this person's teams."""
        return sorted(int(key[5:]) for key in self.keys if key.startswith("team:") and not parts(key)[1])


def viewer_for(user: Any, visitor: str = "") -> Person:
    """Return the viewer for a user (or AnonymousUser) and a visitor token."""
    return Person(user=user, visitor=visitor)


def reader_keys() -> frozenset[str]:
    """Return every audience key that is used by an audience, except keys of single people. One query."""
    keys = AudienceKey.objects.exclude(key__startswith="user:").exclude(key__startswith="visitor:")
    return frozenset(keys.values_list("key", flat=True).distinct())


def _member_keys(person: User) -> set[str]:
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
    return keys | {both(key, general) for key in keys if _joins(key) for general in keys & _JOINED}


_JOINED = frozenset({STAFF, EMPLOYEES})


def _joins(key: str) -> bool:
    """Return True for a key that does not imply staff or employees by itself."""
    return key.startswith(("team:", "circle:", "user:")) and not parts(key)[1]


def _belongs(person: User) -> "list[tuple[str, int, str, str]]":
    """Return what a person is a member of, as rows of four columns.

    The columns: `organisation`, `team` or `circle`; its pk; the kind of the organisation; the path of the unit or the
    pk of the parent team. One query, because this runs for every request and every socket frame.
    """
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
    return range(Unit.steplen, len(path) + 1, Unit.steplen)


def by_name(keys: Iterable[str]) -> frozenset[str]:
    """Return audience keys, where the input may have slugs instead of numbers ("team:hr").

    Raise ValueError for an unknown one.
    """
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
    """Return the audience with STAFF added if it is meant for business readers: the SSC serves them."""
    keys = frozenset(keys)
    business = any(key == EMPLOYEES or key.startswith(("organisation:", "unit:")) for key in keys)
    return keys | {STAFF} if business else keys


def narrow(child: Iterable[str], parent: Iterable[str]) -> frozenset[str]:
    """Return the widest audience that is not wider than either: keys of one side that imply a key of the other.

    A team, circle or person on one side and staff or employees on the other give the key `both`. Any other two keys,
    neither of which implies the other (a circle and a unit), have no key for their common members. Such keys are left
    out, so the result may be smaller than the true intersection and is never larger.
    """
    child, parent = frozenset(child), frozenset(parent)
    implied = implications(child | parent)
    found = {c for c in child if implied(c) & parent} | {p for p in parent if implied(p) & child}
    for keys, others in ((child - found, parent - found), (parent - found, child - found)):
        found |= {both(key, general) for key in keys if _joins(key) for general in others & _JOINED}
    return frozenset(found)


def new_readers(after: Iterable[str], before: Iterable[str]) -> frozenset[str]:
    """Return the keys of `after` some of whose holders may not have been in `before`. Empty means `after` is not wider.

    Conservative: a key counts as new unless all its holders are known to hold a key of `before` too. No query when
    `after` adds no key, else at most two.
    """
    after, before = frozenset(after), frozenset(before)
    if PUBLIC in before or after <= before:
        return frozenset()
    implied = implications(after - before)
    return frozenset(key for key in after - before if not implied(key) & before)


def implications(keys: Iterable[str]) -> "Callable[[str], frozenset[str]]":
    """Return a function from a key to the keys that all its holders also hold, itself included.

    At most two queries for all of `keys`.
    """
    keys = frozenset(keys)
    keys |= {part for key in keys for part in parts(key) if part}
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

    def implied(key: str) -> frozenset[str]:
        one, general = parts(key)
        if general:
            return implied(one) | implied(general) | {key} | {both(one, each) for each in implied(general) & _JOINED}
        return known.get(key, frozenset({key, PUBLIC}))

    return implied
