"""What editors want published, or withdrawn, at a moment that they chose."""

from io import StringIO

from django.core.management import call_command


def publish_due() -> None:
    """Do what is due. Wagtail leaves this to a command that somebody has to run."""
    call_command("publish_scheduled", stdout=StringIO())
