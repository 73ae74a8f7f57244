"""Sessions of browsers, as rows."""

from importlib import import_module

from django.conf import settings


def clear() -> None:
    """Delete the sessions that are over: nothing else does."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
