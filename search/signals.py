"""Signals of the outbox and of the indexer."""

from django.dispatch import Signal

outbox_committed = Signal()
"""A transaction that wrote outbox entries was committed by this process."""

documents_indexed = Signal()
"""The leader indexed `documents` or their vectors. Their outbox entries are deleted after the receivers return."""
