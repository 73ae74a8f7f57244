"""Models: people, where they belong, audiences, and the audit log."""

from accounts.models.audience import Audience, AudienceKey, AudienceQuerySet, opened_to
from accounts.models.audit import AuditEvent
from accounts.models.organisation import Circle, Organisation, Team, Unit
from accounts.models.person import CircleMembership, Invitation, Membership, RoleGrant, TeamMembership, User

__all__ = [
    "Audience",
    "AudienceKey",
    "AudienceQuerySet",
    "AuditEvent",
    "Circle",
    "CircleMembership",
    "Invitation",
    "Membership",
    "Organisation",
    "RoleGrant",
    "Team",
    "TeamMembership",
    "Unit",
    "User",
    "opened_to",
]
