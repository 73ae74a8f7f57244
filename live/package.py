"""What this package adds to the product."""

from web.live import Frame
from web.packages import Package

PACKAGE = Package(name="live", frames=(Frame(type="ping", handler="live.handlers.on_ping"),))
