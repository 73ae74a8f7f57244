"""People, where they belong, who may see what, and what was done."""

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
