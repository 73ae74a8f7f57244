"""Which FAQs a person may read, and which they may change."""

from typing import Self

from django.db import models

from accounts import audiences
from accounts.audiences import Person
from accounts.models import AudienceQuerySet, opened_to
from kb.models import drafts
from kb.models.pages import TopicPage
from web.http import Viewer


class FaqQuerySet(AudienceQuerySet):
    """FAQs."""

    def published(self) -> Self:
        """Return the FAQs that are live."""
        return self.filter(live=True)

    def editable_by(self, viewer: Person) -> Self:
        """Return the FAQs, drafts included, that a person may read in full and change.

        For curators these are the FAQs in whose audience they are, for others those `entrusted` to them. An FAQ whose
        newest draft is closed to the person is left out.
        """
        if not viewer.user.is_authenticated:
            return self.none()
        opened = opened_to(viewer)
        found = entrusted(viewer, opened)
        if viewer.has_perm("kb.edit_faq"):
            found |= models.Q(audience__in=opened)
        return self.filter(found & ~drafts.newest_is(closed_drafts(viewer, opened), self.model))

    def in_language(self, code: str) -> Self:
        """Return the FAQs written in a language."""
        return self.filter(locale__language_code=code)


FaqManager = models.Manager.from_queryset(FaqQuerySet)


def entrusted(viewer: Person, opened: drafts.Audiences) -> models.Q:
    """Match the FAQs that a person owns, while they may write drafts.

    For curators it also matches FAQs whose stored audience is empty because no single key names who is in both the
    chosen audience and the topic's: nobody could finish them otherwise.

    The person is always in the chosen audience and sees the topic. For an FAQ of theirs that was never published, the
    newest draft decides instead: callers combine this with `closed_drafts`.
    """
    chosen = models.Q(own_audience__in=opened)
    if audiences.STAFF in viewer.keys:
        chosen |= models.Q(own_audience=None)
    found = models.Q(pk__in=())
    if viewer.has_perm("kb.draft_faq"):
        begun = models.Q(live=False, first_published_at=None, latest_revision__isnull=False)
        found |= models.Q(owner=viewer.user.pk) & (chosen | begun)
    if viewer.has_perm("kb.edit_faq"):
        found |= models.Q(audience__text="") & chosen
    return found & models.Q(topic__in=_topics(opened))


def closed_drafts(viewer: Viewer, opened: drafts.Audiences) -> models.Q:
    """Match the revisions of FAQs that are closed to the viewer by their audience or by their topic."""
    return drafts.closed_faqs(viewer, opened, _topics(opened))


def _topics(opened: drafts.Audiences) -> models.QuerySet[TopicPage]:
    return TopicPage._base_manager.filter(audience__in=opened).values("pk")
