"""Rows for addresses with parameters."""

from accounts.models import Circle, Invitation, User
from accounts.models.person import hashed
from accounts.tokens import make_welcome
from tests.examples import Examples
from tests.people import People


def examples(people: People) -> Examples:
    """A circle, an invitation, somebody who never signed in, and what the people belong to."""
    circle = Circle.objects.create(name="Kring", slug="t-kring")
    Invitation.objects.create(
        email="new@example.com", invited_by=people.administrator, token_hash=hashed("an-open-one")
    )
    new = User.objects.create_user("new@example.org", name="Sanne")
    return {
        "accounts:invited": [("open", {"token": "an-open-one"}), ("unknown", {"token": "unknown"})],
        "accounts:welcome": [("new", {"signed": make_welcome(new)}), ("a forged one", {"signed": "forged"})],
        "accounts:person": [("the owner", {"pk": people.owner.pk})],
        "accounts:organisation": [("business", {"pk": people.business.pk})],
        "accounts:add_unit": [("business", {"organisation_pk": people.business.pk})],
        "accounts:unit": [("business", {"organisation_pk": people.business.pk, "pk": people.unit.pk})],
        "accounts:team": [("HR", {"pk": people.hr.pk})],
        "accounts:circle": [("a circle", {"pk": circle.pk})],
        "accounts:members": [("HR", {"kind": "team", "pk": people.hr.pk})],
    }
