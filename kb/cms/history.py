"""Wagtail's history of pages and FAQs says who did what and when, without titles and comments. A title may be that of
another page, or an older one, which not every reader of the history may know. Entries are stored without such texts,
and older entries are shown without them.
"""

import copy
from typing import Any

from django.db.models.signals import pre_save
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry, PageLogEntry

from web.scope import filter_of

# Texts that Wagtail's messages need and nobody typed; for a review also its name and those of its steps.
KEPT = frozenset({"created", "go_live_at", "language_code"})
KEPT_OF_REVIEW = KEPT | {"title", "status"}


def without_words(data: Any, kept: frozenset[str] = KEPT) -> Any:
    """Return the data of an entry with its numbers and dates, without texts that people typed."""
    if isinstance(data, dict):
        return {
            key: without_words(value, KEPT_OF_REVIEW if key == "workflow" else kept)
            for key, value in data.items()
            if key in kept or not isinstance(value, str)
        }
    if isinstance(data, list):
        return [without_words(value, kept) for value in data if not isinstance(value, str)]
    return data


def _is_held(entry: Any) -> bool:
    """True if an entry is about rows with an audience: pages, FAQs, files."""
    model = entry.content_type.model_class() if entry.content_type else None
    return isinstance(entry, PageLogEntry) or (model is not None and filter_of(model) is not None)


def forget_words(instance: Any, **_signal: Any) -> None:
    """Replace the title in a new entry by the row's kind and number."""
    if _is_held(instance):
        kind = instance.content_type.model if instance.content_type else ""
        instance.label = f"{kind} {instance.object_id}".strip()
        instance.data = without_words(instance.data)


class WordlessFormatter(LogFormatter):
    """A formatter that gives another one the entry without texts."""

    def __init__(self, formatter: LogFormatter) -> None:
        self.formatter, self.label = formatter, formatter.label

    def format_message(self, log_entry: Any) -> Any:
        """Return what was done."""
        return self.formatter.format_message(_shown(log_entry))

    def format_comment(self, log_entry: Any) -> Any:
        """Return the comment, without texts that people typed."""
        return self.formatter.format_comment(_shown(log_entry))


def _shown(entry: Any) -> Any:
    if not _is_held(entry):
        return entry
    shown = copy.copy(entry)
    shown.data = without_words(entry.data)
    return shown


def tell_without_words(actions: LogActionRegistry) -> None:
    """Wrap all formatters."""
    for action, formatter in actions.formatters.items():
        actions.formatters[action] = WordlessFormatter(formatter)


def connect() -> None:
    """Connect the receivers. Called once, when apps are ready."""
    for model in (PageLogEntry, ModelLogEntry):
        pre_save.connect(forget_words, sender=model, dispatch_uid="kb.history")
