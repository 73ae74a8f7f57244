"""What this package adds to the product."""

from accounts.roles import CURATORS
from web.packages import Package

PACKAGE = Package(
    name="files",
    permissions={"files.widen_audience": CURATORS},
)
