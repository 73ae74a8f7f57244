"""Signals of notifications."""

from django.dispatch import Signal

on_notified = Signal()
"""Sent after commit for each `notification` that is new or unread again. For pushing it to open pages."""
