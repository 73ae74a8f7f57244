"""What the product makes of the package that docs/architecture.md shows. Run by tests/test_adding_a_package.py in a
process of its own, whose settings install the package; prints what it saw as JSON."""

import json
import sys
from typing import Any

import django
from django.core.exceptions import PermissionDenied
from django.core.management import call_command


def main() -> None:
    """Migrate, let people use the package, and print what they got."""
    django.setup()
    call_command("makemigrations", "glossary", verbosity=0)
    call_command("migrate", verbosity=0)
    from django.utils import translation

    from tests.people import make_people

    with translation.override("nl"):
        people = make_people()
        sys.stdout.write(json.dumps(added(people) | composed(people)))


def added(people: Any) -> dict[str, Any]:
    """A curator adds a term for employees; nobody else may."""
    import glossary.actions as glossary  # its files are in the documentation
    from django.urls import reverse

    from accounts import audiences, audit_words
    from accounts.models import Audience, AuditEvent
    from search import engines, query
    from search.indexing import indexer
    from tests.test_access import column, names

    audience = Audience.objects.of({audiences.EMPLOYEES})
    values = {"word": "Verlofstuwmeer", "meaning": "Dagen die zijn blijven staan.", "audience": audience}
    try:
        glossary.add(by=people.owner, **values)
        refused = False
    except PermissionDenied:
        refused = True
    term = glossary.add(by=people.curator, **values)
    engines.get().prepare()
    indexer.drain()
    (told,) = audit_words.audit_rows(AuditEvent.objects.filter(event="glossary.term_added"), people.viewer("owner"))
    rows = [("terms", reverse("glossary:terms")), ("term", term.get_absolute_url())]
    return {
        "refused": refused,
        "addresses": [name for name, _pattern in names() if name.startswith("glossary:")],
        "access": {name: column(people, name, rows) for name in ("anonymous", "owner")},
        "found": {name: f"term:{term.pk}" in query.findable_keys(people.viewer(name)) for name in people.persons()},
        "told": [told.event.name, str(told.target), told.target.url if told.target else ""],
        "url": term.get_absolute_url(),
    }


def composed(people: Any) -> dict[str, Any]:
    """What pages and background work show of the package."""
    from django.test import Client
    from django.urls import reverse

    from accounts.roles import permissions_by_role
    from web.packages import packages

    jobs = {job.name: job for package in packages() for job in package.jobs}
    from glossary.models import Term

    Term.objects.create(word="Leeg", audience=Term.objects.get().audience)
    jobs["glossary.remove_empty"].run()
    client = Client()
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {
        "roles": [role for role, listed in permissions_by_role().items() if "glossary.add_term" in listed],
        "menu": client.get(reverse("kb:topics")).content.decode().count(f'href="{reverse("glossary:terms")}"'),
        "results": client.get(reverse("search:results"), {"q": "stuwmeer verlof"}).content.decode(),
        "words": list(Term.objects.values_list("word", flat=True)),
    }


if __name__ == "__main__":
    main()
