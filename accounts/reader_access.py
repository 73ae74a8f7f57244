"""What a reader under /cms/ may see, for the row filters of packages to the right (`web.scope`)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from wagtail.models import ReferenceIndex

from accounts.audiences import Person, narrow, viewer_for
from accounts.models import opened_to
from accounts.widening import Rows
from web.scope import Reader, current, filter_of, reading_as, reading_as_writer, visible_keys, writer


def audience_ids(reader: Reader) -> list[int]:
    """Return the ids of the audiences that the reader is in. Queried once for each reader."""
    if "audiences" not in reader.memo:
        matching = opened_to(reader.viewer).values_list("audience_id", flat=True)
        reader.memo["audiences"] = list(matching.distinct())
    found: list[int] = reader.memo["audiences"]
    return found


def person_of(user: Any) -> Person:
    """Return the person that a user is. Their keys cost no query if they are who reads under /cms/ now."""
    reader = current() or writer()
    viewer = reader.viewer if reader else None
    return viewer if isinstance(viewer, Person) and viewer.user == user else viewer_for(user)


AT_ONCE = 5_000  # keys in one SQL statement


def visible_rows(rows: Rows, person: Person) -> dict[str, list[int]]:
    """Return those of some rows that a person can see under /cms/, or may read if their model is not filtered."""
    reader = Reader(person)
    found: dict[str, list[int]] = {}
    for label, pks in rows.items():
        model, keys = apps.get_model(label), sorted(pks)
        for start in range(0, len(keys), AT_ONCE):
            asked = keys[start : start + AT_ONCE]
            if filter_of(model) is None:
                there = set(
                    model._default_manager.visible_to(reader.viewer).filter(pk__in=asked).values_list("pk", flat=True)
                )
            else:
                with reading_as(reader):
                    there = set(map(int, visible_keys(model, map(str, asked))))
            found.setdefault(label, []).extend(pk for pk in asked if pk in there)
    return found


class VisibleReferencesMixin:
    """Mixin for forms of rows with `own_audience`. Place it before the form class in the bases.

    Fields find only rows that the person filling them in can see, and nobody can exclude themselves from the audience.
    """

    def _clean_fields(self) -> None:
        with reading_as_writer():
            super()._clean_fields()  # type: ignore[misc]  # a mixin of forms

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # a mixin of forms
        form: Any = self
        reader = writer()
        if reader is None:
            return
        if "own_audience" in form.cleaned_data and not form.errors and self._closed_to(reader):
            form.add_error(
                "own_audience", _("You would no longer see it yourself. Choose a group that you belong to as well.")
            )
        for field in sorted(_strange_references(form.instance)):
            text = _("This contains a page, picture or document that you may not see. Remove it, or choose another.")
            form.add_error(field if field in form.fields else None, text)

    def _closed_to(self, reader: Reader) -> bool:
        """Return True if the chosen audience, limited by the row above, does not include the reader."""
        form: Any = self
        chosen = form.cleaned_data["own_audience"]
        keys = chosen.key_set if chosen else frozenset(form.instance.unchosen)
        above = form.instance.limit() or getattr(getattr(form, "parent_page", None), "audience", None)
        return bool(keys) and not (narrow(keys, above.key_set) if above else keys) & reader.viewer.keys


def _strange_references(row: Any) -> set[str]:
    """Return the fields of a row that refer to rows its writer cannot see, also deep in rich text.

    References that somebody else put there before do not count.
    """
    found = {(kind, pk): path.partition(".")[0] for kind, pk, path, _content in _references(row)}
    by_kind: defaultdict[int, set[str]] = defaultdict(set)
    for kind, pk in found:
        by_kind[kind].add(pk)
    with reading_as_writer():
        strange = {(kind, pk) for kind, pks in by_kind.items() for pk in pks - _existing(kind, pks)}
    if strange and row.pk:
        with reading_as(None):
            stored = type(row)._base_manager.get(pk=row.pk)
            latest = stored.latest_revision.as_object() if stored.latest_revision else stored
            strange -= {(kind, pk) for each in (stored, latest) for kind, pk, _path, _content in _references(each)}
    return {found[key] for key in strange}


def _references(row: Any) -> Iterable[tuple[int, str, str, str]]:
    return ReferenceIndex._extract_references_from_object(row) if ReferenceIndex.model_is_indexable(type(row)) else ()


def _existing(kind: int, pks: set[str]) -> set[str]:
    model = ContentType.objects.get_for_id(kind).model_class()
    return pks if model is None or filter_of(model) is None else visible_keys(model, pks)
