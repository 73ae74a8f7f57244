"""Rows for addresses with parameters."""

from django.utils import timezone

from discovery.models import SearchAlert
from tests.examples import Examples
from tests.people import People


def examples(people: People) -> Examples:
    """A search that the owner is to be told of, and links that nobody signed."""
    wish = SearchAlert.objects.create(
        owner=f"user:{people.owner.pk}", text="verlof", language="nl", confirmed=timezone.now()
    )
    return {
        "search:wish_confirm": [("a forged one", {"signed": "forged"})],
        "search:wish_end": [("a forged one", {"signed": "forged"})],
        "search:wish_end_mine": [("the owner's", {"pk": wish.pk})],
    }
