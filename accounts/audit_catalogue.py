"""The audit events of all packages, as their descriptions word them."""

from typing import Any

from web.descriptions import AuditTarget, Detail
from web.packages import Package, composed, merged


@composed
def events(packages: tuple[Package, ...]) -> dict[str, Any]:
    """What people call each event, in their language."""
    return merged(package.audit.events for package in packages)


@composed
def actors(packages: tuple[Package, ...]) -> dict[str, Any]:
    """Who did an event when no account did; for those that are not here it was the system."""
    return merged(package.audit.by_nobody for package in packages)


@composed
def targets(packages: tuple[Package, ...]) -> dict[str, AuditTarget]:
    """How rows are named, by the label of their model."""
    return merged({target.model: target} for package in packages for target in package.audit.targets)


@composed
def models_by_kind(packages: tuple[Package, ...]) -> dict[str, str]:
    """The model that stands behind a word in keys: "answer" → "community.answer"."""
    targets = (target for package in packages for target in package.audit.targets)
    return merged({target.kind: target.model} for target in targets if target.kind)


def detail(event: str, name: str) -> Detail | None:
    """How a detail of an event is told; None when no package says."""
    told = _details()
    return told.get((event, name)) or told.get(("", name))


@composed
def _details(packages: tuple[Package, ...]) -> dict[tuple[str, str], Detail]:
    return merged(package.audit.details for package in packages)
