"""What others may listen to."""

from django.dispatch import Signal

visitor_signed_in = Signal()
"""Somebody who came as a visitor signed in: `user`, and `visitor`, their visitor token. Packages hand over what the
visitor had (audience `visitor:HASH`) to the person."""

person_gone = Signal()
"""Somebody is no longer here, deleted or shut out: `person`. Sent in the transaction of the change; packages drop what
was kept for them alone."""
