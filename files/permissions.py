"""Who may see a file."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from wagtail.models import ReferenceIndex
from wagtail.permissions import policy_registry

from accounts.audiences import Person
from files.models import Attachment, Picture
from web import scope


def can_see(person: Person, stored: Picture | Attachment) -> bool:
    """Return True if this person may get the file.

    A file without an audience may also be seen by editors for whom it exists under /cms/ (`files.row_filters`): its
    uploader, and whoever may see a draft that uses it.
    """
    return is_for(person, stored) or (stored.audience is None and _works_with(person, stored))


def is_for(viewer: Person, stored: Picture | Attachment) -> bool:
    """Return True if the viewer is in the file's audience.

    For a file without one: if the viewer may see something published that uses it.
    """
    if stored.audience is not None:
        return bool(viewer.keys & stored.audience.key_set)
    return any(_visible(model, pks, viewer) for model, pks in _users(stored).items())


def _works_with(person: Person, stored: Picture | Attachment) -> bool:
    policy = policy_registry.get_by_type(type(stored))
    if not policy.user_has_any_permission_for_instance(person.user, ["change", "choose"], stored):
        return False
    with scope.reading_as(scope.Reader(person)):
        return scope.is_visible(type(stored), stored.pk)


def _users(stored: Picture | Attachment) -> dict[type[Model], set[str]]:
    """Return the rows whose live content uses the file, by model."""
    rows = ReferenceIndex.get_references_to(stored).values_list("content_type", "object_id")
    found: dict[type[Model], set[str]] = {}
    for content_type, pk in rows:
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is not None:
            found.setdefault(model, set()).add(pk)
    return found


def _visible(model: type[Model], pks: set[str], viewer: Person) -> bool:
    rows = model._default_manager.filter(pk__in=pks)
    return hasattr(rows, "visible_to") and bool(rows.visible_to(viewer).exists())
