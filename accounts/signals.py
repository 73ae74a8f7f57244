"""What others may listen to."""

from django.dispatch import Signal

visitor_signed_in = Signal()
"""Somebody who came as a visitor signed in: `user`, and `visitor`, their visitor token. Packages hand over what the
visitor had (audience `visitor:HASH`) to the person."""
