"""What the indexer tells packages to the right."""

from django.dispatch import Signal

documents_indexed = Signal()
"""The leader wrote `documents` (or their vectors); their outbox entries are deleted after this returns."""
