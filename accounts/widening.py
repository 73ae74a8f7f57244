"""Audiences get wider by an act of its own, and by nothing else: `widen_audience`.

`Audienced` is what rows with an audience are. Its `save()` never widens: when what is saved would be wider than the
stored row (typed in an editor, brought back by a revision, moved below a wider page, copied), the stored audience
stays, and the wish stays on the instance, for the draft that is made of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from accounts import audit
from accounts.audiences import Person, narrow, new_readers, viewer_for
from accounts.backends import people_with
from accounts.models import Audience

Rows = Mapping[str, Collection[int]]  # model ("kb.faq") → primary keys


def numbers(rows: Rows) -> dict[str, int]:
    """How many rows of each model."""
    return {label: len(pks) for label, pks in rows.items()}


def size(rows: Rows) -> int:
    """How many rows in all."""
    return sum(map(len, rows.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceChange:
    """A row got another audience. None, which only files have: whoever may see a page that uses it."""

    before: frozenset[str] | None
    after: frozenset[str] | None
    below: Rows = field(default_factory=dict)  # rows below whose audience followed
    emptied: Rows = field(default_factory=dict)  # this row and those below that lost their last readers

    @property
    def new_readers(self) -> frozenset[str]:
        """The keys that may read it now, and perhaps could not before."""
        return new_readers(self.after or (), self.before or ())

    @property
    def wider(self) -> bool:
        """Whether somebody may read it now who could not before. Unsure counts as wider."""
        if self.after is None or self.before is None:
            return self.after != self.before
        return bool(self.new_readers)

    @property
    def confirmation(self) -> str:
        """What a form sends back to say yes to exactly this change."""
        return "pages" if self.after is None else " ".join(sorted(self.after))


_widening: ContextVar[bool] = ContextVar("widening", default=False)
_below: ContextVar["Below | None"] = ContextVar("below", default=None)  # set while rows above changed
_rehearsed: ContextVar["list[AudienceChange] | None"] = ContextVar("rehearsed", default=None)


@dataclass(frozen=True, slots=True)
class Below:
    """Rows whose audience followed another's, and those that lost their last readers by it."""

    followed: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    emptied: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, model: type[models.Model], pks: Iterable[int], audience: Audience | None) -> None:
        """These rows have this audience now, and had another one."""
        pks = set(pks)
        self.followed[model._meta.label_lower] |= pks
        if audience is not None and not audience.key_set:
            self.emptied[model._meta.label_lower] |= pks


def followed(model: type[models.Model], pks: Iterable[int], audience: Audience) -> None:
    """Called by `audience_below` of rows that it gave another audience."""
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
    """A row with an audience, a column `audience`. Each change of it leaves an audit row."""

    audience_fields: ClassVar[tuple[str, ...]] = ("own_audience",)  # somebody's choice, then what else decides
    unchosen: ClassVar[tuple[str, ...]] = ()  # the keys that hold when nothing is chosen; none: those of the row above
    above: ClassVar[Any] = ""  # what stands above, at the beginning of a sentence: "The topic"
    widen_permission: ClassVar[str]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Store the audience with the row, never wider than it was; when it changed, with everything below as well."""
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
                self._tell(before)
            if choice != "audience":
                setattr(self, choice, wish)
        return result

    def settle_audience(self) -> None:
        """Set `audience` from the choice and from what stands above. Does not save."""

    def limit(self) -> Audience | None:
        """The audience of what stands above: that of this row is never wider. None when nothing does."""
        return None

    def audience_below(self) -> None:
        """Called when the audience changed. Rewrites the rows below that are not Audienced and tells which
        (`followed`); has those that are `follow()`."""

    def is_managed_by(self, viewer: Person) -> bool:
        """Whether somebody with the permission reads this row, so that they may decide who else does."""
        keys = _keys(_audience(self))
        return keys is None or bool(keys & viewer.keys)

    def save_audience(self) -> None:
        """Store what decides about the audience, and no other field."""
        names: list[Any] = [*self.audience_fields, "audience"]
        self.save(update_fields=names)

    def follow(self) -> None:
        """What is above changed or is another: the audience follows."""
        names: list[Any] = ["audience"]
        self.save(update_fields=names)

    def as_stored(self) -> Self:
        """The row as the database has it, with what decides about the audience as this instance has it."""
        row: Self = type(self)._base_manager.select_for_update().get(pk=self.pk)
        for name in self.audience_fields:
            setattr(row, name, getattr(self, name))
        return row

    def _stored_audience(self) -> tuple[bool, int | None]:
        """Whether the row exists, and its audience; of a copy that of the original, which it still carries."""
        rows: Any = type(self)._base_manager.filter(pk=self.pk).select_for_update().order_by()
        found = list(rows.values_list("audience_id", flat=True)) if self.pk else []
        return bool(found), found[0] if found else _pk(self)

    def _kept(self, before: Audience | None) -> Audience | None:
        """What is stored where more readers were wished for: those of before, as far as they are wished for too. A
        text that is meant for fewer does not go to all that were there."""
        after = _audience(self)
        if before is None or after is None:
            return before
        return Audience.objects.of(narrow(after.key_set, before.key_set))

    def _may_become(self, before: Audience | None) -> bool:
        if _widening.get() or _below.get() is not None:
            return True
        return not AudienceChange(before=_keys(before), after=_keys(_audience(self))).wider

    def _tell(self, before: Audience | None) -> None:
        """Have what is below follow; write the audit row of the topmost row, with how many followed."""
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
    """Write down who could see a row before and who can now. Nobody is named when no person did it."""
    audit.record(
        "accounts.audience_widened" if change.wider else "accounts.audience_narrowed",
        by=audit.actor(),
        target=row,
        before=None if change.before is None else sorted(change.before),
        after=None if change.after is None else sorted(change.after),
        below=numbers(change.below),
    )


def rehearse(row: Audienced) -> AudienceChange | None:
    """What `widen_audience` would do with the row as it is in hand: done, counted and taken back. None: no change."""
    with rehearsal() as found, _with(_widening, True):
        row.as_stored().save_audience()
    return found[0] if found else None


@contextmanager
def rehearsal() -> Iterator[list[AudienceChange]]:
    """What is done inside is taken back at the end; its changes of audiences are listed, not written down."""
    found: list[AudienceChange] = []
    with transaction.atomic(), _with(_rehearsed, found):
        yield found
        transaction.set_rollback(True)


def settled(row: Audienced) -> frozenset[str] | None:
    """Who would read the row as it is in hand. Nothing is stored, and the row stays as it is."""
    before = _audience(row)
    with transaction.atomic():
        row.settle_audience()
        keys = _keys(_audience(row))
        transaction.set_rollback(True)
    setattr(row, "audience", before)  # noqa: B010  # the subclass has the column
    return keys


def wished(row: Audienced, after: frozenset[str] | None) -> AudienceChange | None:
    """What the row in hand (a draft, of which `after` is what is `settled`) would change of who may read the stored
    one, without what is below."""
    stored: Audienced = type(row)._base_manager.get(pk=row.pk)
    change = AudienceChange(before=_keys(_audience(stored)), after=after)
    return None if change.before == change.after else change


def who_can_widen(row: Audienced, below: Iterable[str] = ()) -> list[str]:
    """The names of some people who could widen it, for whoever cannot."""
    people = people_with(*_needed(row, below)).order_by("name")
    return [str(person) for person in people[:200] if can_widen(person, row, below)][:3]


def _needed(row: Audienced, below: Iterable[str]) -> set[str]:
    classes = {type(row), *(apps.get_model(label) for label in below)}
    return {permission for each in classes if (permission := getattr(each, "widen_permission", ""))}


def can_widen(by: Any, row: Audienced, below: Iterable[str] = ()) -> bool:
    """Let more people read a row that one manages, and what is `below` it (models)."""
    if not all(by.has_perm(permission) for permission in _needed(row, below)):
        return False
    stored: Audienced = type(row)._base_manager.get(pk=row.pk)
    return stored.is_managed_by(viewer_for(by))


@transaction.atomic
def widen_audience(*, by: Any, row: Audienced, audience: Audience | None) -> AudienceChange | None:
    """Choose who may read a row, also when that is more people than now; what is below follows, as far as it may.

    It holds at once, for what is published as for drafts. Nothing else of the row is stored but where it stands (an
    FAQ's topic). `by` is None for commands. Raises PermissionDenied without the permission of the row's kind and of
    each kind below that follows, and for a row that is not theirs (`is_managed_by`). None: nothing changed.
    """
    setattr(row, row.audience_fields[0], audience)
    change = rehearse(row)
    if change is None:
        return None
    if by is not None and not can_widen(by, row, change.below):
        raise PermissionDenied
    with _with(_widening, True), audit.acting(lambda: by):
        row.as_stored().save_audience()
    return change
