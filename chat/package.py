"""What this package says of itself."""

from chat import rooms, schema
from web.packages import Package

PACKAGE = Package(name="chat", rooms=(rooms.CONVERSATION, rooms.DESK, rooms.QUEUE), frames=schema.FRAMES)
