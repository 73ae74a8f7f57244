"""What others may listen to."""

from django.dispatch import Signal

on_notified = Signal()
"""After commit, once for each inbox row that is new or unread again: `notification`. For pushing to open pages."""
