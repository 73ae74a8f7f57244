"""What `notifications` says of itself."""

from django.utils.translation import gettext_lazy as _

from notifications import mail
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="notifications",
    jobs=(
        Job(
            name="notifications.purge_sent_mail",
            label=_("Delete old mails that were kept"),
            run=mail.purge_kept,
            seconds=3600,
        ),
    ),
)
