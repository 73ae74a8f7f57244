"""What `kb` says of itself."""

from django.utils.translation import gettext_lazy as _

from kb import schedule
from web.jobs import Job
from web.packages import Package

PACKAGE = Package(
    name="kb",
    jobs=(
        Job(
            name="kb.publish_scheduled",
            label=_("Publish and withdraw what is due"),
            run=schedule.publish_due,
            seconds=60,
            limit=600,
        ),
    ),
)
