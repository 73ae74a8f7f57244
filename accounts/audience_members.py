"""The members of an audience: which people hold an audience key, so that many can be notified with one query."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.audiences import EMPLOYEES, PUBLIC, STAFF
from accounts.keys import parts
from accounts.models import CircleMembership, Membership, Organisation, TeamMembership, Unit, User


def holders(keys: Iterable[str]) -> QuerySet[User]:
    """Return the active people who hold any of these audience keys: the same rule as `Person.keys`, as one query."""
    found = Q(pk__in=[])
    for key in keys:
        found |= _holders(key)
    return User.objects.filter(found, is_active=True)


def _holders(key: str) -> Q:
    one, general = parts(key)
    kind, _colon, pk = one.partition(":")
    found = _particular(kind, pk) if pk else _general(one)
    return found & _general(general) if general else found


def _mine(model: type[Membership] | type[TeamMembership] | type[CircleMembership], **conditions: object) -> Exists:
    return Exists(model._default_manager.filter(user=OuterRef("pk"), **conditions))


def _general(key: str) -> Q:
    kinds = Organisation.Kind
    of_provider = _mine(Membership, organisation__kind=kinds.PROVIDER)
    staff = Q(_mine(TeamMembership, team__organisation__kind=kinds.SSC)) & ~Q(of_provider)
    if key == PUBLIC:
        return Q(pk__isnull=False)
    if key == STAFF:
        return staff
    if key == EMPLOYEES:
        return staff | Q(_mine(Membership, organisation__kind__in=[kinds.SSC, kinds.BUSINESS]))
    raise ValueError(f"not an audience key: {key!r}")


def _particular(kind: str, pk: str) -> Q:
    if kind == "user":
        return Q(pk=pk)
    if kind == "organisation":
        return Q(_mine(Membership, organisation=pk))
    if kind == "circle":
        return Q(_mine(CircleMembership, circle=pk))
    if kind == "team":
        return Q(_mine(TeamMembership, team=pk)) | Q(_mine(TeamMembership, team__parent=pk))
    if kind == "unit":
        path = Unit.objects.filter(pk=pk).values_list("path", flat=True).first()
        return Q(_mine(Membership, unit__path__startswith=path)) if path else Q(pk__in=[])
    if kind == "visitor":
        return Q(pk__in=[])
    raise ValueError(f"not an audience key: {kind}:{pk}")
