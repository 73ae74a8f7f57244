"""Audiences are widened only by the action `widen_audience`.

`Audienced` is the base class of rows with an audience. Its `save()` never widens the audience. If the saved row would
be wider than the stored one (typed in an editor, reverted to a revision, moved below a wider page, copied), the stored
audience stays. The instance keeps the requested audience, for the draft that is made of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models, transaction

from accounts import audit
from accounts.audiences import Person, narrow, new_readers, viewer_for
from accounts.backends import people_with
from accounts.models import Audience
from accounts.permissions import require

Rows = Mapping[str, Collection[int]]  # model ("kb.faq") → primary keys


def numbers(rows: Rows) -> dict[str, int]:
    """Return the number of rows of each model."""
    return {label: len(pks) for label, pks in rows.items()}


def size(rows: Rows) -> int:
    """Return the total number of rows."""
    return sum(map(len, rows.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceChange:
    """A change of a row's audience. None, which only files have, means: whoever may see a page that uses it."""

    before: frozenset[str] | None
    after: frozenset[str] | None
    below: Rows = field(default_factory=dict)  # rows below whose audience followed
    emptied: Rows = field(default_factory=dict)  # this row and those below that lost their last readers

    @property
    def new_readers(self) -> frozenset[str]:
        """Return the keys that may read the row now and possibly could not before."""
        return new_readers(self.after or (), self.before or ())

    @property
    def wider(self) -> bool:
        """Return True if somebody may read the row now who could not before. Uncertain cases count as wider."""
        if self.after is None or self.before is None:
            return self.after != self.before
        return bool(self.new_readers)

    @property
    def confirmation(self) -> str:
        """Return the value that a form sends to confirm exactly this change."""
        return "pages" if self.after is None else " ".join(sorted(self.after))


_widening: ContextVar[bool] = ContextVar("widening", default=False)
_below: ContextVar["Below | None"] = ContextVar("below", default=None)  # set while rows above changed
_rehearsed: ContextVar["list[AudienceChange] | None"] = ContextVar("rehearsed", default=None)


@dataclass(frozen=True, slots=True)
class Below:
    """Rows below a changed row: those whose audience changed with it, and those that lost their last readers."""

    followed: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    emptied: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, model: type[models.Model], pks: Iterable[int], audience: Audience | None) -> None:
        """Add rows whose audience was changed to this one."""
        pks = set(pks)
        self.followed[model._meta.label_lower] |= pks
        if audience is not None and not audience.key_set:
            self.emptied[model._meta.label_lower] |= pks


def followed(model: type[models.Model], pks: Iterable[int], audience: Audience) -> None:
    """Report rows whose audience was changed. Called by `audience_below`."""
    if (below := _below.get()) is not None:
        below.add(model, pks, audience)


@contextmanager
def _with(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


class Audienced(models.Model):
    """A row with an audience, in a column `audience`. Each change of it is recorded in the audit log."""

    audience_fields: ClassVar[tuple[str, ...]] = ("own_audience",)  # the chosen audience, then other fields that decide
    unchosen: ClassVar[tuple[str, ...]] = ()  # the keys if nothing is chosen; empty: those of the row above
    above: ClassVar[Any] = ""  # the row above, for the beginning of a sentence: "The topic"
    widen_permission: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the row with its audience, never wider than the stored one. If it changed, update the rows below too."""
        choice, fields = self.audience_fields[0], kwargs.get("update_fields")
        if fields is not None:
            if not {*self.audience_fields, "audience"} & set(fields):
                return super().save(*args, **kwargs)
            kwargs["update_fields"] = {*fields, choice, "audience"}
        with transaction.atomic():
            exists, before_id = self._stored_audience()
            wish = getattr(self, choice)
            self.settle_audience()
            changed = (exists or before_id is not None) and _pk(self) != before_id
            before = Audience.objects.get(pk=before_id) if changed and before_id is not None else None
            if changed and not self._may_become(before):
                setattr(self, choice, self._kept(before))
                self.settle_audience()
            result = super().save(*args, **kwargs)
            if exists and changed and _pk(self) != before_id:
                self._audience_changed(before)
            if choice != "audience":
                setattr(self, choice, wish)
        return result

    def settle_audience(self) -> None:
        """Set `audience` from the choice and the row above. Does not save."""

    def limit(self) -> Audience | None:
        """Return the audience of the row above, which this row's is never wider than. None if there is no row above."""
        return None

    def audience_below(self) -> None:
        """Update the rows below after the audience changed.

        Rewrite those that are not Audienced and report them with `followed`; call `follow()` on those that are.
        """

    def is_managed_by(self, viewer: Person) -> bool:
        """Return True if this row may be read by the viewer, so that with the permission they decide who else may."""
        keys = _keys(_audience(self))
        return keys is None or bool(keys & viewer.keys)

    def save_audience(self) -> None:
        """Save only the fields that decide the audience."""
        names: list[Any] = [*self.audience_fields, "audience"]
        self.save(update_fields=names)

    def follow(self) -> None:
        """Update the audience after the row above changed or was replaced."""
        names: list[Any] = ["audience"]
        self.save(update_fields=names)

    def as_stored(self) -> Self:
        """Return the row from the database, with the audience fields of this instance."""
        row: Self = type(self)._base_manager.select_for_update().get(pk=self.pk)
        for name in self.audience_fields:
            setattr(row, name, getattr(self, name))
        return row

    def _stored_audience(self) -> tuple[bool, int | None]:
        """Return whether the row exists, and its audience id. A copy still has the audience of the original."""
        rows: Any = type(self)._base_manager.filter(pk=self.pk).select_for_update().order_by()
        found = list(rows.values_list("audience_id", flat=True)) if self.pk else []
        return bool(found), found[0] if found else _pk(self)

    def _kept(self, before: Audience | None) -> Audience | None:
        """Return the audience to store when a wider one was requested: the old readers that were requested too.

        A text that is now meant for fewer people is not shown to all who could read it before.
        """
        after = _audience(self)
        if before is None or after is None:
            return before
        return Audience.objects.of(narrow(after.key_set, before.key_set))

    def _may_become(self, before: Audience | None) -> bool:
        if _widening.get() or _below.get() is not None:
            return True
        return not AudienceChange(before=_keys(before), after=_keys(_audience(self))).wider

    def _audience_changed(self, before: Audience | None) -> None:
        """Update the rows below.

        Write one audit row, for the topmost row, with the number of rows that changed with it.
        """
        above = _below.get()
        if above is not None:
            above.add(type(self), [self.pk], _audience(self))
            self.audience_below()
            return
        below = Below()
        with _with(_below, below):
            self.audience_below()
        emptied, after = dict(below.emptied), _keys(_audience(self))
        if after is not None and not after:
            label = self._meta.label_lower
            emptied[label] = {self.pk, *emptied.get(label, ())}
        change = AudienceChange(before=_keys(before), after=after, below=below.followed, emptied=emptied)
        rehearsed = _rehearsed.get()
        if rehearsed is None:
            record(self, change)
        else:
            rehearsed.append(change)


def _audience(row: Audienced) -> Audience | None:
    audience: Audience | None = getattr(row, "audience", None)
    return audience


def _pk(row: Audienced) -> int | None:
    pk: int | None = getattr(row, "audience_id")  # noqa: B009  # the subclass has the column
    return pk


def _keys(audience: Audience | None) -> frozenset[str] | None:
    return None if audience is None else audience.key_set


def record(row: Audienced, change: AudienceChange) -> None:
    """Record who could read a row before and who can now. There is no actor if no person did it."""
    audit.record(
        "accounts.audience_widened" if change.wider else "accounts.audience_narrowed",
        by=audit.actor(),
        target=row,
        before=None if change.before is None else sorted(change.before),
        after=None if change.after is None else sorted(change.after),
        below=numbers(change.below),
    )


def rehearse(row: Audienced) -> AudienceChange | None:
    """Return what `widen_audience` would change for this instance, or None. Does it in a transaction and rolls back."""
    with rehearsal() as found, _with(_widening, True):
        row.as_stored().save_audience()
    return found[0] if found else None


@contextmanager
def rehearsal() -> Iterator[list[AudienceChange]]:
    """Roll back the block at its end. Its audience changes are collected in the list, not recorded."""
    found: list[AudienceChange] = []
    with transaction.atomic(), _with(_rehearsed, found):
        yield found
        transaction.set_rollback(True)


def settled(row: Audienced) -> frozenset[str] | None:
    """Return the keys that could read the row as it is in memory. Stores nothing and does not change the row."""
    before = _audience(row)
    with transaction.atomic():
        row.settle_audience()
        keys = _keys(_audience(row))
        transaction.set_rollback(True)
    setattr(row, "audience", before)  # noqa: B010  # the subclass has the column
    return keys


def wished(row: Audienced, after: frozenset[str] | None) -> AudienceChange | None:
    """Return how the instance (a draft, with `after` from `settled`) would change who may read the stored row, or None.

    Does not look at rows below.
    """
    stored: Audienced = type(row)._base_manager.get(pk=row.pk)
    change = AudienceChange(before=_keys(_audience(stored)), after=after)
    return None if change.before == change.after else change


def who_can_widen(row: Audienced, below: Iterable[str] = ()) -> list[str]:
    """Return the names of a few people who could widen the audience, for somebody who cannot."""
    people = people_with(*_needed(row, below)).order_by("name")
    return [str(person) for person in people[:200] if can_widen(viewer_for(person), row, below)][:3]


def _needed(row: Audienced, below: Iterable[str]) -> set[str]:
    classes = {type(row), *(apps.get_model(label) for label in below)}
    return {permission for each in classes if (permission := getattr(each, "widen_permission", ""))}


def can_widen(person: Person, row: Audienced, below: Iterable[str] = ()) -> bool:
    """Return True if this person may widen the audience of a row they manage, and of the models `below` it."""
    if not all(person.has_perm(permission) for permission in _needed(row, below)):
        return False
    stored: Audienced = type(row)._base_manager.get(pk=row.pk)
    return stored.is_managed_by(person)


@transaction.atomic
def widen_audience(*, by: Person | None, row: Audienced, audience: Audience | None) -> AudienceChange | None:
    """Choose who may read a row, also if that is more people than now. Rows below change with it as far as they may.

    It takes effect at once, for published rows and drafts. No other field is saved except its place (an FAQ's topic).
    `by` is None for commands. Return None if nothing changed.

    Raise PermissionDenied without the permission for the row's model and each model below that changes, and for a row
    that `by` does not manage (`is_managed_by`).
    """
    setattr(row, row.audience_fields[0], audience)
    change = rehearse(row)
    if change is None:
        return None
    if by is not None:
        require(can_widen(by, row, change.below))
    with _with(_widening, True), audit.acting(lambda: by and by.account):
        row.as_stored().save_audience()
    return change
