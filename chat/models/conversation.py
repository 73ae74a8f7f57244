"""A conversation between somebody who asks and a team of the Shared Service Center."""

import secrets
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audiences
from accounts.fields import AudienceField
from accounts.models import Audience, AudienceQuerySet, Team
from search.models import Findable


class ConversationQuerySet(AudienceQuerySet):
    """Rows of conversations. `visible_to` comes from their audience: the asker and the team."""

    def waiting(self) -> Self:
        """Nobody has taken them, the longest waiting first."""
        return self.filter(state=Conversation.State.WAITING).order_by("waiting_since", "pk")

    def of_teams(self, team_ids: Iterable[int]) -> Self:
        """Conversations that these teams answer."""
        return self.filter(team_id__in=list(team_ids))

    def asked_by(self, viewer: Any) -> Self:
        """Conversations in which the viewer is the one who asks, the newest first."""
        mine = models.Q(participants__user=viewer.user, participants__is_staff=False) if viewer.user.pk else models.Q()
        if viewer.visitor:
            mine |= models.Q(participants__visitor=visitor_hash(viewer.visitor))
        return self.filter(mine).distinct().order_by("-last_at", "-pk") if mine else self.none()

    def waiting_counts(self, team_ids: Iterable[int]) -> dict[int, int]:
        """How many wait for each team; teams without any are left out."""
        rows = self.filter(state=Conversation.State.WAITING, team__in=list(team_ids)).order_by()
        return dict(rows.values_list("team").annotate(models.Count("pk")))

    def position(self, conversation: "Conversation") -> int:
        """The place of a waiting conversation in its team's queue, from 1."""
        before = models.Q(waiting_since__lt=conversation.waiting_since) | models.Q(
            waiting_since=conversation.waiting_since, pk__lt=conversation.pk
        )
        return self.filter(before, state=Conversation.State.WAITING, team=conversation.team_id).count() + 1

    def for_lists(self) -> Self:
        """With what a list shows of each."""
        return self.select_related("team", "customer", "taken_by")


def visitor_hash(token: str) -> str:
    """What is stored of a visitor's token."""
    return audiences.visitor(token).partition(":")[2]


def link_nonce() -> str:
    """192 random bits for the link by which an anonymous asker comes back."""
    return secrets.token_urlsafe(24)


class Conversation(Findable):
    """A question put to a team, and what follows. Its events are numbered from 1 without gaps."""

    search_kind = "conversation"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACTIVE = "active", _("being answered")
        CLOSED = "closed", _("closed")

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="conversations", verbose_name=_("team"))
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    visitor = models.CharField(max_length=64, blank=True, db_index=True)  # hash of the anonymous asker's token
    name = models.CharField(_("name"), max_length=80, blank=True)  # what an anonymous asker calls themself
    email = models.EmailField(_("e-mail address"), blank=True)  # where an anonymous asker wants the answer
    email_confirmed = models.BooleanField(default=False)  # whoever reads that mailbox came back by a link in a mail
    link_nonce = models.CharField(max_length=40, default=link_nonce, editable=False)
    language = models.CharField(_("language"), max_length=5, default="nl")
    subject = models.CharField(_("question"), max_length=160)
    topic = models.ForeignKey(
        "kb.TopicPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("topic")
    )
    page_title = models.CharField(max_length=200, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="taken_conversations"
    )
    audience = AudienceField()
    created = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed = models.DateTimeField(null=True, blank=True)
    last_number = models.PositiveIntegerField(default=0)
    team_to_move = models.BooleanField(default=True)  # the asker spoke last
    told_number = models.PositiveIntegerField(default=0)  # the asker was told of events up to here
    demo_key = models.CharField(max_length=80, blank=True)

    objects: ClassVar[Any] = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(fields=["team", "state", "waiting_since"], name="conversation_queue"),
            models.Index(fields=["taken_by", "state"], name="conversation_taken"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "active", "closed"]), name="conversation_state"
            ),
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True) | models.Q(visitor=""), name="conversation_one_asker"
            ),
            models.CheckConstraint(
                condition=(models.Q(state="closed") & models.Q(closed__isnull=False))
                | (~models.Q(state="closed") & models.Q(closed__isnull=True)),
                name="conversation_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="waiting") | models.Q(taken_by__isnull=True),
                name="conversation_waiting_untaken",
            ),
            models.UniqueConstraint(
                fields=["demo_key"], condition=~models.Q(demo_key=""), name="conversation_demo_once"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def key(self) -> str:
        """Its document key in search."""
        return f"conversation:{self.pk}"

    @property
    def asker_name(self) -> str:
        """What to call the asker; "" for an anonymous asker who left no name."""
        return str(self.customer) if self.customer else self.name

    def audience_keys(self) -> frozenset[str]:
        """Who should see it: those who ask and the team. Agents see it by their team only, so they lose it with it."""
        askers = self.participants.filter(is_staff=False).values_list("user_id", "visitor")
        keys = {audiences.user(pk) if pk else f"visitor:{visitor}" for pk, visitor in askers}
        return frozenset(keys | {audiences.team(self.team_id)})

    def set_audience(self) -> None:
        """Store what `audience_keys` says; the caller saves."""
        self.audience = Audience.objects.of(self.audience_keys())


class Participant(models.Model):
    """Somebody in a conversation, and how far they have read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    visitor = models.CharField(max_length=64, blank=True)
    is_staff = models.BooleanField(default=False)
    joined = models.DateTimeField(default=timezone.now)
    last_seen = models.PositiveIntegerField(default=0)  # number of the last event they have seen

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(user__isnull=False) & models.Q(visitor=""))
                | (models.Q(user__isnull=True) & ~models.Q(visitor="")),
                name="participant_user_or_visitor",
            ),
            models.UniqueConstraint(
                fields=["conversation", "user"], condition=models.Q(user__isnull=False), name="participant_user_once"
            ),
            models.UniqueConstraint(
                fields=["conversation", "visitor"], condition=~models.Q(visitor=""), name="participant_visitor_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.visitor[:8])
