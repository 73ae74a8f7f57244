"""Audit rows in words, for one reader: the target of an event and its details.

A row is shown by name only to whoever may see it (a search source's `visible_to`, or a target that a package
describes). Others see only its kind. However many events there are: at most three queries for each kind of row, and
four for audience labels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit_catalogue
from accounts.audiences import Person
from accounts.fields import labels
from accounts.models import AuditEvent
from accounts.widening_form import readers
from search import sources
from web import params
from web.descriptions import Detail

Key = tuple[str, int]  # model label, pk


@dataclass(frozen=True, slots=True)
class RowName:
    """A row in words: its kind, its name and URL if the reader may see it, and whether it was deleted."""

    kind: str
    name: str = ""
    url: str = ""
    gone: bool = False

    def __str__(self) -> str:
        if self.gone:
            return _("%(kind)s (deleted)") % {"kind": self.kind}
        return self.name or self.kind


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An event, its target (None if there is none, or only its author) and the labels and values of its details."""

    event: AuditEvent
    target: RowName | None
    details: list[tuple[str, str]]


def audit_rows(events: Iterable[AuditEvent], viewer: Person) -> list[AuditRow]:
    """Return the events with what the viewer may know about them."""
    events = list(events)
    wanted = {key for event in events if (key := _key(event.target))}
    for event in events:
        for name, value in event.details.items():
            wanted.update(_rows(audit_catalogue.detail(event.event, name), value))
    names = _Names(viewer, wanted)
    return [AuditRow(event, names.target(event), list(names.details(event))) for event in events]


class _Names:
    """The names of rows, read together."""

    def __init__(self, viewer: Person, wanted: Iterable[Key]) -> None:
        by_model: dict[str, list[int]] = {}
        for model, pk in wanted:
            by_model.setdefault(model, []).append(pk)
        self.found: dict[Key, RowName] = {}
        for label, pks in by_model.items():
            self._read(label, pks, viewer)

    def _read(self, label: str, pks: list[int], viewer: Person) -> None:
        model = apps.get_model(label)
        kind = str(capfirst(str(model._meta.verbose_name)))
        titles = _titles(label, viewer, pks)
        hidden = set(pks) - titles.keys()
        there = set(model._base_manager.filter(pk__in=hidden).values_list("pk", flat=True)) if hidden else set()
        for pk in pks:
            self.found[label, pk] = RowName(kind, *titles.get(pk, ("", "")), gone=pk in hidden - there)

    @cached_property
    def audiences(self) -> dict[str, str]:
        return labels()

    def target(self, event: AuditEvent) -> RowName | None:
        """Return the target of an event, or None if the target only repeats who did it."""
        key = _key(event.target)
        if key is not None:
            return None if event.by_id and key == ("accounts.user", event.by_id) else self.found[key]
        kind, _colon, name = event.target.partition(":")
        return RowName(_("Imported file"), name) if kind == "source" else None

    def details(self, event: AuditEvent) -> Iterable[tuple[str, str]]:
        """Return the labels and values of an event's details."""
        for name, value in event.details.items():
            told = audit_catalogue.detail(event.event, name)
            if told is not None and told.label and (text := self._value(told, value)):
                yield str(capfirst(str(told.label))), text

    def _value(self, told: Detail, value: Any) -> str:
        if value in ("", [], {}):
            return str(told.empty)
        if told.audience:
            return ", ".join(readers(value, self.audiences))
        if told.model or told.keys:
            return ", ".join(str(self.found[key]) for key in _rows(told, value))
        return ", ".join(str(told.words(each)) for each in (value if isinstance(value, list) else [value]))


def _rows(told: Detail | None, value: Any) -> list[Key]:
    """Return the rows that a detail refers to."""
    values = value if isinstance(value, list) else [value]
    if told is not None and told.model:
        return [(told.model, pk) for each in values if (pk := params.key(str(each)))]
    if told is not None and told.keys:
        return [key for each in values for part in str(each).split() if (key := _key(part))]
    return []


def _key(text: str) -> Key | None:
    """Return the row that "accounts.user:7" or "answer:7" refers to, if its model exists."""
    kind, _colon, number = text.partition(":")
    source = sources.get(kind)
    label = source.model._meta.label_lower if source else audit_catalogue.models_by_kind().get(kind, kind)
    pk = params.key(number)
    if not pk or "." not in label:
        return None
    try:
        apps.get_model(label)
    except LookupError:
        return None
    return label, pk


def _titles(label: str, viewer: Person, pks: list[int]) -> Mapping[int, tuple[str, str]]:
    if target := audit_catalogue.targets().get(label):
        return target.titles(viewer, pks)
    for source in sources.all():
        if source.model._meta.label_lower == label:
            found = source.titles(source.visible_to(viewer).filter(pk__in=pks))
            return {int(pk): (title.title, title.url) for pk, title in found.items()}
    return {}
