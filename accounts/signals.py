"""Signals of accounts."""

from django.dispatch import Signal

visitor_signed_in = Signal()
"""Sent when a visitor signs in, with `user` and their visitor token `visitor`.

Packages transfer what belonged to the visitor (audience `visitor:HASH`) to the person.
"""

person_gone = Signal()
"""Sent when a `person` is deleted or may no longer sign in, in the transaction of the change.

Packages delete what they stored for this person alone.
"""
