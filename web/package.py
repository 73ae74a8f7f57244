"""What this package adds to the product."""

from web import worker
from web.packages import Package

PACKAGE = Package(
    name="web",
    loops={"tasks": worker.run},
)
