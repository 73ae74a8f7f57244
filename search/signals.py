"""What others may listen to."""

from django.dispatch import Signal

curated = Signal()
"""A curator changed what search does: `by` (the person), `act` ("search.synonym_created", …), `target` (the row), and
`details` (JSON values). Sent inside the transaction of the change."""
