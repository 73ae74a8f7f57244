"""Drafting FAQs, telling those who asked, and giving feedback."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from accounts import audiences, audit
from accounts.audience_members import holders
from accounts.audiences import Person
from accounts.models import Audience
from accounts.permissions import require
from kb import permissions, personal
from kb.capture import OriginValue
from kb.models import ArticlePage, Faq, Feedback, Origin, TopicPage, staff_only
from kb.signals import faq_published
from notifications.actions import notify
from search.models.outbox import enqueue_documents


def draft_faq(
    *,
    by: Person,
    question: str,
    answer: str,
    topic: TopicPage | None,
    language: str,
    origins: Iterable[OriginValue],
    audience: Iterable[str] = (audiences.STAFF,),
    names: Iterable[str] = (),
    kept: Iterable[str] = (),
) -> Faq:
    """File a draft FAQ for the curators. Chat, community and cases all call this.

    `language` is "nl" or "en". The draft starts as staff only; `audience`, a set of audience keys, is the choice that
    the curator's editor opens with. `names` are names of people to look for in the text, `kept` the pieces of personal
    data that `by` keeps on purpose. Raises PermissionDenied; PersonalDataLeft while a piece is neither replaced nor
    kept; ValidationError for a text that is empty or too long.
    """
    require(permissions.can_draft(by))
    kept = sorted(kept)
    personal.require_none_left(question, answer, names=names, kept=kept)
    origins = list(origins)
    faq = _unsaved_draft(by, question, answer, topic, Locale.objects.get(language_code=language))
    with transaction.atomic():
        faq.save()
        faq.own_audience = Audience.objects.of(audience)
        faq.save_revision(user=by.account, clean=False, log_action="wagtail.create")
        for origin in origins:
            _add_origin(faq, origin, by)
        if workflow := faq.get_workflow():
            workflow.start(faq, by.account)
        audit.record("kb.draft_faq", by=by.account, target=faq, origins=[o.key for o in origins], kept=len(kept))
    return faq


def _unsaved_draft(by: Person, question: str, answer: str, topic: TopicPage | None, locale: Locale) -> Faq:
    """Return a valid draft for staff only. Raises ValidationError."""
    faq = Faq(
        question=question.strip(),
        answer=answer.strip(),
        topic=topic_in(topic, locale),
        locale=locale,
        own_audience=staff_only(),
        owner=by.account,
        live=False,
        has_unpublished_changes=True,
    )
    faq.full_clean(exclude=["audience", "latest_revision", "live_revision"])
    return faq


def topic_in(topic: TopicPage | None, locale: Locale) -> TopicPage:
    """Return the topic in a language, or that language's list of all topics if there is none."""
    if topic is not None:
        found = topic if topic.locale_id == locale.pk else topic.get_translation_or_none(locale)
        if found is not None:
            return found.specific
    return TopicPage.objects.get(depth=3, locale=locale)


@transaction.atomic
def link_faq(*, by: Person, faq: Faq, origin: OriginValue) -> None:
    """Link an exchange to an FAQ that answers it already, and notify the asker. Raises PermissionDenied."""
    require(permissions.can_draft(by))
    _add_origin(faq, origin, by)
    audit.record("kb.link_faq", by=by.account, target=faq, origin=origin.key)
    if faq.live:
        tell_askers(by=by, faq=faq)


def _add_origin(faq: Faq, origin: OriginValue, by: Person) -> None:
    Origin.objects.get_or_create(
        faq=faq,
        key=origin.key,
        defaults={
            "url": origin.url,
            "asker_id": origin.asker_id,
            "audience": Audience.objects.of(origin.audience_keys or {audiences.STAFF}),
            "added_by": by.account,
        },
    )


def after_publish(*, by: Person | None, faq: Faq) -> None:
    """Record that an FAQ was published, and notify the askers. Runs in the transaction that publishes it; `by` is None
    for what was scheduled."""
    if not faq.live:
        return  # scheduled for later
    audit.record("kb.publish_faq", by=by and by.user, target=faq, audience=sorted(faq.audience.key_set))
    tell_askers(by=by, faq=faq)


def tell_askers(*, by: Person | None, faq: Faq) -> None:
    """Notify the askers who may read the FAQ, once each, and send `faq_published` on commit.

    An asker who may not read it yet is notified when it is published again for a wider audience.
    """
    waiting = faq.origins.filter(told_at=None).select_related("asker", "audience").select_for_update(of=("self",))
    told = _readable(list(waiting), faq.audience.key_set)
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
        actor=by.user if by else None,
    )
    values = [
        OriginValue(key=o.key, url=o.url, asker_id=o.asker_id, audience_keys=frozenset(o.audience.key_set))
        for o in told
    ]
    transaction.on_commit(lambda: faq_published.send_robust(sender=Faq, faq=faq, origins=values))


def _readable(origins: list[Origin], keys: frozenset[str]) -> list[Origin]:
    """Return the origins whose askers hold one of the keys. One query for all people who asked."""
    if audiences.PUBLIC in keys:
        return origins
    people = [origin.asker_id for origin in origins if origin.asker_id]
    readers = set(holders(keys).filter(pk__in=people).values_list("pk", flat=True)) if people else set()
    visitors = {key for key in keys if key.startswith("visitor:")}
    return [o for o in origins if (o.asker_id in readers if o.asker_id else visitors & o.audience.key_set)]


@transaction.atomic
def give_feedback(*, by: Person, who: str, target: Faq | ArticlePage, helpful: bool, reason: str = "") -> Feedback:
    """Store whether a text helped, and why not. A second answer replaces the first.

    `who` is the audience key of the person or visitor. The caller has checked that they may see the text.
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
    """Add one to a counter and take one from the other. The search document follows."""
    if plus == minus:
        return
    name = {True: "helpful_count", False: "not_helpful_count"}
    changes = {name[plus]: F(name[plus]) + 1}
    if minus is not None:
        changes[name[minus]] = F(name[minus]) - 1
    type(target)._base_manager.filter(pk=target.pk).update(**changes)
    enqueue_documents(f"{target.search_kind}:{target.pk}")
