"""Who may register: the setting REGISTRATION, and invitations.

nobody: administrators add people. invited: with an invitation, for the invited address. domain: as invited, or with an
address in REGISTRATION_DOMAINS. everybody: any address.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import record
from accounts.models import Invitation, Membership, User

SESSION_KEY = "invitation"
VALID = timedelta(days=30)


def find_invitation(token: str) -> Invitation | None:
    """The invitation with this token, while it is not used and not older than VALID."""
    open_ones = Invitation.objects.filter(accepted=None, created__gt=timezone.now() - VALID)
    return open_ones.select_related("organisation", "unit").filter(token=token).first() if token else None


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The invitation by whose link this visitor came."""
    return find_invitation(request.session.get(SESSION_KEY, ""))


def is_open(invitation: Invitation | None) -> bool:
    """Whether the holder of the invitation (or of none) gets a registration form."""
    match settings.REGISTRATION:
        case "everybody" | "domain":
            return True
        case "invited":
            return invitation is not None
        case _:
            return False


def accepts(email: str, invitation: Invitation | None) -> bool:
    """Whether somebody may register with this address."""
    if invitation is not None and email.lower() == invitation.email.lower():
        return is_open(invitation)
    if settings.REGISTRATION == "domain":
        domains = {domain.lower().lstrip("@") for domain in settings.REGISTRATION_DOMAINS}
        return email.lower().rpartition("@")[2] in domains
    return settings.REGISTRATION == "everybody"


def welcome(person: User, invitation: Invitation | None) -> None:
    """Record a new person and give them what they were invited to. In the caller's transaction."""
    invited = invitation is not None and person.email.lower() == invitation.email.lower()
    if invited and invitation is not None:
        invitation.accepted = timezone.now()
        invitation.save(update_fields=["accepted"])
        if invitation.organisation is not None:
            Membership.objects.create(user=person, organisation=invitation.organisation, unit=invitation.unit)
    record("accounts.registered", by=person, target=person, invited=invited)
