"""Drafting, publishing and judging knowledge."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from accounts import audiences, audit
from accounts.models import Audience
from kb import permissions, personal
from kb.capture import OriginValue
from kb.models import ArticlePage, Faq, Feedback, Origin, TopicPage, staff_only
from kb.signals import faq_published
from notifications.actions import notify
from search.models.outbox import enqueue_documents


def draft_faq(
    *,
    by: Any,
    question: str,
    answer: str,
    topic: TopicPage | None,
    language: str,
    origins: Iterable[OriginValue],
    audience: Iterable[str] = (audiences.STAFF,),
    names: Iterable[str] = (),
    kept: Iterable[str] = (),
) -> Faq:
    """A draft FAQ in the curators' queue; the one call for chat, community and cases.

    `language` is "nl" or "en". The draft starts as staff only; `audience`, a set of audience keys, is the wish that
    the curator's editor opens with. `names` are the names of people concerned, `kept`
    the pieces of personal data that `by` keeps on purpose. Raises PermissionDenied without kb.draft_faq,
    PersonalDataLeft while a piece is neither replaced nor kept, and ValidationError for a text that is empty or long.
    """
    if not permissions.can_draft(by):
        raise PermissionDenied
    kept = sorted(kept)
    personal.require_none_left(question, answer, names=names, kept=kept)
    locale = Locale.objects.get(language_code=language)
    origins = list(origins)
    faq = Faq(
        question=question.strip(),
        answer=answer.strip(),
        topic=topic_in(topic, locale),
        locale=locale,
        own_audience=staff_only(),
        owner=by,
        live=False,
        has_unpublished_changes=True,
    )
    faq.full_clean(exclude=["audience", "latest_revision", "live_revision"])
    with transaction.atomic():
        faq.save()
        faq.own_audience = Audience.objects.of(audience)
        faq.save_revision(user=by, clean=False, log_action="wagtail.create")
        for origin in origins:
            _add_origin(faq, origin, by)
        if workflow := faq.get_workflow():
            workflow.start(faq, by)
        audit.record("kb.draft_faq", by=by, target=faq, origins=[o.key for o in origins], kept=len(kept))
    return faq


def topic_in(topic: TopicPage | None, locale: Locale) -> TopicPage:
    """The topic in a language; its list of all topics when there is none."""
    if topic is not None:
        found = topic if topic.locale_id == locale.pk else topic.get_translation_or_none(locale)
        if found is not None:
            return found.specific
    return TopicPage.objects.get(depth=3, locale=locale)


@transaction.atomic
def link_faq(*, by: Any, faq: Faq, origin: OriginValue) -> None:
    """Link an exchange to an FAQ that answers it already, instead of a duplicate; whoever asked is told.

    Raises PermissionDenied without kb.draft_faq.
    """
    if not permissions.can_draft(by):
        raise PermissionDenied
    _add_origin(faq, origin, by)
    audit.record("kb.link_faq", by=by, target=faq, origin=origin.key)
    if faq.live:
        tell_askers(by=by, faq=faq)


def _add_origin(faq: Faq, origin: OriginValue, by: Any) -> None:
    Origin.objects.get_or_create(
        faq=faq,
        key=origin.key,
        defaults={
            "url": origin.url,
            "asker_id": origin.asker_id,
            "audience": Audience.objects.of(origin.audience_keys or {audiences.STAFF}),
            "added_by": by,
        },
    )


def after_publish(*, by: Any, faq: Faq) -> None:
    """Record that an FAQ was published and tell those who asked. Called in the transaction of the publishing."""
    if not faq.live:
        return  # scheduled for later
    audit.record("kb.publish_faq", by=by, target=faq, audience=sorted(faq.audience.key_set))
    tell_askers(by=by, faq=faq)


def tell_askers(*, by: Any, faq: Faq) -> None:
    """Notify everybody who asked and may read the FAQ, once; chat and community hear of it on commit.

    Whoever may not read it yet is told when it is published again for a wider audience.
    """
    keys = faq.audience.key_set
    waiting = faq.origins.filter(told_at=None).select_related("asker", "audience").select_for_update(of=("self",))
    told = [origin for origin in waiting if keys & _asker_keys(origin)]
    if not told:
        return
    Origin.objects.filter(pk__in=[origin.pk for origin in told]).update(told_at=timezone.now())
    notify(
        recipients=[origin.asker for origin in told if origin.asker],
        event="kb.faq_published",
        title=format_lazy("{}: {}", _("Your question now has an answer for everyone"), faq.question),
        body=_("What you asked is now in the knowledge base, so the next person finds it at once."),
        url=faq.get_absolute_url(),
        key=f"faq:{faq.pk}",
        actor=by,
    )
    values = [
        OriginValue(key=o.key, url=o.url, asker_id=o.asker_id, audience_keys=frozenset(o.audience.key_set))
        for o in told
    ]
    transaction.on_commit(lambda: faq_published.send_robust(sender=Faq, faq=faq, origins=values))


def _asker_keys(origin: Origin) -> frozenset[str]:
    if origin.asker:
        return audiences.viewer_for(origin.asker).keys
    return frozenset({audiences.PUBLIC}) | {k for k in origin.audience.key_set if k.startswith("visitor:")}


@transaction.atomic
def give_feedback(*, by: Any, who: str, target: Faq | ArticlePage, helpful: bool, reason: str = "") -> Feedback:
    """Say whether a text helped, and why not; saying it again replaces the first answer.

    `who` is the audience key of the person or visitor. The caller checked that they may see the text.
    """
    field = "faq" if isinstance(target, Faq) else "article"
    rows = Feedback.objects.select_for_update().filter(**{field: target}, who=who)
    feedback, created = rows.get_or_create(
        defaults={field: target, "who": who, "helpful": helpful, "reason": reason[:1000]}
    )
    was = None if created else feedback.helpful
    if not created:
        feedback.helpful = helpful
        feedback.reason = reason[:1000]
        feedback.save(update_fields=["helpful", "reason", "updated"])
    _count(target, plus=helpful, minus=was)
    return feedback


def _count(target: Faq | ArticlePage, *, plus: bool, minus: bool | None) -> None:
    """Add one to a counter and take one from the other. Ranking follows."""
    if plus == minus:
        return
    name = {True: "helpful_count", False: "not_helpful_count"}
    changes = {name[plus]: F(name[plus]) + 1}
    if minus is not None:
        changes[name[minus]] = F(name[minus]) - 1
    type(target)._base_manager.filter(pk=target.pk).update(**changes)
    enqueue_documents(f"{target.search_kind}:{target.pk}")
