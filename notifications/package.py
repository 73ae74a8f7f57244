"""What this package says of itself."""

from notifications.rooms import FRAMES, INBOX
from web.packages import Package

PACKAGE = Package(name="notifications", rooms=(INBOX,), frames=FRAMES)
