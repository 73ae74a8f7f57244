"""What this package adds to the product."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from notifications import audit_events, mail
from notifications.rooms import FRAMES, INBOX
from web.descriptions import MenuEntry
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="notifications",
    audit=audit_events.AUDIT,
    permissions={"notifications.see_sent_mail": (Role.ADMINISTRATOR,)},
    menu=(
        MenuEntry(
            menus=("management",),
            label=_("Sent mail"),
            url_name="notifications:sent_mail",
            order=50,
            permission="notifications.see_sent_mail",
        ),
    ),
    jobs=(
        Job(
            name="notifications.purge_sent_mail",
            label=_("Delete old mails that were kept"),
            run=mail.purge_kept,
            seconds=3600,
        ),
    ),
    rooms=(INBOX,),
    frames=FRAMES,
)
