"""What search tells packages to its right, and what they tell it."""

from django.dispatch import Signal

# search_ended(sender, search_id: str, outcome: str): sent by packages to the right when somebody who searched asked a
# person instead. `search_id` is the signed id that came along in the address (`?search=`); outcome: a value of
# search.models.Outcome. Safe to send with an empty or altered id.
search_ended = Signal()

# zero_results_high(sender=ShareAlert, alert: ShareAlert, days: int, missed: list[str]): too many searches of the last
# `days` found nothing; `missed` is what most people missed. Sent once for each period, in the transaction that notes
# it.
zero_results_high = Signal()

# wish_made(sender=Wish, wish: Wish, url: str): somebody without an account asked to be told by mail; `url` confirms it.
wish_made = Signal()

# wish_granted(sender=Wish, wish: Wish, documents: list[Document], url: str): answers that this person may see exist
# now. Sent once, in the transaction that deletes the wish.
wish_granted = Signal()

curated = Signal()
"""A curator changed what search does: `by` (the person), `act` ("search.synonym_created", …), `target` (the row), and
`details` (JSON values). Sent inside the transaction of the change."""
