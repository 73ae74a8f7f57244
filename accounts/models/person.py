"""People and where they belong."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Circle, Organisation, Team, Unit
from accounts.roles import Role
from web.mailboxes import normal


class UserManager(BaseUserManager["User"]):
    """Manager of people, who sign in by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Without a password they can sign in only after choosing one by mail.

        Raise ValidationError for a malformed address.
        """
        user = self.model(email=normal(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator with every Django permission, for `manage.py createsuperuser`, who may sign in at
        once.
        """
        from allauth.account.models import EmailAddress

        user = self.create_user(email, password, is_superuser=True, is_staff=True, **fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        RoleGrant.objects.create(user=user, role=Role.ADMINISTRATOR)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=5, default="nl", choices=[("nl", _("Dutch")), ("en", _("English"))]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Amsterdam")
    searches_counted = models.BooleanField(_("searches are counted, without your name"), default=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(_("since"), default=timezone.now)
    # Incremented by every link to choose a password, which invalidates earlier ones: accounts/tokens.py.
    reset_round = models.PositiveIntegerField(default=0, editable=False)

    organisations: "models.ManyToManyField[Organisation, Membership]" = models.ManyToManyField(
        Organisation, through="Membership", related_name="people"
    )
    teams: "models.ManyToManyField[Team, TeamMembership]" = models.ManyToManyField(
        Team, through="TeamMembership", related_name="people"
    )
    circles: "models.ManyToManyField[Circle, CircleMembership]" = models.ManyToManyField(
        Circle, through="CircleMembership", related_name="people"
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email.partition("@")[0]

    def get_full_name(self) -> str:
        """Return the name as others see it."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the first name."""
        return str(self).split(" ")[0]

    @property
    def first_name(self) -> str:
        """Return the first name: Wagtail greets people by it."""
        return self.get_short_name()

    @property
    def last_name(self) -> str:
        """Return what follows the first name."""
        return str(self).partition(" ")[2]


class Membership(models.Model):
    """A person works for an organisation, possibly in one of its units."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit or self.organisation}"


class TeamMembership(models.Model):
    """A person is a member of a team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="team_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class CircleMembership(models.Model):
    """A person belongs to a circle."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="circle_memberships")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "circle"], name="circle_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.circle}"


class RoleGrant(models.Model):
    """A person has a role. The roles customer and employee follow from memberships and are never granted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_grant_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


def invitation_token() -> str:
    """Return 192 random bits as text for a link."""
    return secrets.token_urlsafe(24)


def hashed(token: str) -> str:
    """Return the stored hash of a token, 64 hexadecimal digits. Tokens are random, so they need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """An invitation to register with this address, unless the setting REGISTRATION forbids registering.

    The token of the link is stored only as a hash.
    """

    email = models.EmailField(_("e-mail address"))
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="invitations_sent")
    created = models.DateTimeField(auto_now_add=True)
    accepted = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email
