"""Who may register: the setting REGISTRATION, and invitations.

nobody: administrators add people. invited: only with an invitation, for the invited address. domain: with an
invitation, or with an address in REGISTRATION_DOMAINS. everybody: any address. The same rules hold for changing your
address.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import record
from accounts.models import Invitation, Membership, User
from accounts.models.person import hashed

SESSION_KEY = "invitation"  # key in the session; its value is the pk
VALID = timedelta(days=30)


class InvitationGone(Exception):
    """The invitation was used or replaced while its holder filled in the form."""


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted=None, created__gt=timezone.now() - VALID)


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation with this token if it is unused, not older than VALID, and its sender may still invite."""
    return _vouched(_open().filter(token_hash=hashed(token)))


def remember_invitation(request: HttpRequest, invitation: Invitation) -> None:
    """Store in the session which invitation this visitor followed."""
    request.session[SESSION_KEY] = invitation.pk


def invitation_of(request: HttpRequest) -> Invitation | None:
    """Return the invitation whose link this visitor followed."""
    pk = request.session.get(SESSION_KEY)
    return _vouched(_open().filter(pk=pk)) if isinstance(pk, int) else None


def _vouched(rows: QuerySet[Invitation]) -> Invitation | None:
    """Return the invitation if its sender may still add people. Invitations of former administrators are void."""
    found = rows.select_related("organisation", "unit", "invited_by").first()
    sender = found.invited_by if found else None
    return found if sender is not None and sender.has_perm("accounts.manage_people") else None


def is_open(invitation: Invitation | None) -> bool:
    """Return True if the holder of the invitation (or of none) gets a registration form."""
    match settings.REGISTRATION:
        case "everybody" | "domain":
            return True
        case "invited":
            return invitation is not None
        case _:
            return False


def accepts(email: str, invitation: Invitation | None) -> bool:
    """Return True if somebody may register with this address."""
    if invitation is not None and email.lower() == invitation.email.lower():
        return is_open(invitation)
    if settings.REGISTRATION == "domain":
        return _domain(email) in domains()
    return settings.REGISTRATION == "everybody"


def domains() -> list[str]:
    """Return the mail domains of REGISTRATION_DOMAINS, in lower case and without @."""
    return [domain.lower().lstrip("@") for domain in settings.REGISTRATION_DOMAINS]


def domains_for(person: User) -> list[str] | None:
    """Return the mail domains that this person may change their address to; None for any.

    Where people are invited or added, somebody vouched for their address. So a new address stays in its domain.
    """
    if settings.REGISTRATION == "everybody":
        return None
    return domains() if settings.REGISTRATION == "domain" else [_domain(person.email)]


def may_change_to(person: User, email: str) -> bool:
    """Return True if this person may change their address to this one."""
    allowed = domains_for(person)
    return allowed is None or _domain(email) in allowed


def _domain(email: str) -> str:
    return email.lower().rpartition("@")[2]


def welcome(person: User, invitation: Invitation | None) -> None:
    """Record a new person and give them the memberships of their invitation, in the caller's transaction.

    Raise InvitationGone if somebody else used the invitation meanwhile.
    """
    invited = invitation is not None and person.email.lower() == invitation.email.lower()
    if invited and invitation is not None:
        if not _open().filter(pk=invitation.pk).update(accepted=timezone.now()):
            raise InvitationGone
        if invitation.organisation is not None:
            Membership.objects.create(user=person, organisation=invitation.organisation, unit=invitation.unit)
    record("accounts.registered", by=person, target=person, invited=invited)
