"""Audit rows for pages and FAQs that Wagtail publishes, unpublishes, moves or deletes, by whatever view or command."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished, post_page_move, unpublished

from accounts import audit
from accounts.audiences import Person
from kb.actions import after_publish
from kb.models import Faq
from kb.models.audience import AudiencePage, audience_models
from kb.signals import faq_revision_published


def _of_page(act: str) -> Any:
    def record(instance: Page, **signal: Any) -> None:
        page = instance.specific_deferred
        if not isinstance(page, AudiencePage):
            return
        details: dict[str, Any] = {}
        if act == "kb.publish_page":
            details["audience"] = sorted(page.audience.key_set)
        elif act == "kb.unpublish_page" and page.alias_of_id:
            # An alias goes offline with its source, wherever it stands and whoever sees it.
            details["source"] = _key(page.alias_of.specific_deferred)
        elif act == "kb.move_page":
            before, after = (signal[name].specific_deferred for name in ("parent_page_before", "parent_page_after"))
            if before.pk == after.pk:
                return  # only its position among its siblings
            details = {"before": _key(before), "below": _key(after)}
        audit.record(act, by=audit.actor(), target=page, **details)

    return record


def _key(page: Page) -> str:
    return f"{page._meta.label_lower}:{page.pk}"


def _published_faq(faq: Faq, user: Any, **_signal: Any) -> None:
    after_publish(by=Person(user) if user else None, faq=faq)


def _unpublished_faq(instance: Faq, **_signal: Any) -> None:
    audit.record("kb.unpublish_faq", by=audit.actor(), target=instance)


def _deleted(sender: Any, instance: Any, **_signal: Any) -> None:
    act = "kb.delete_faq" if issubclass(sender, Faq) else "kb.delete_page"
    audit.record(act, by=audit.actor(), target=f"{sender._meta.label_lower}:{instance.pk}")


def connect() -> None:
    """Connect the receivers that write audit rows. Called once, when apps are ready."""
    for signal, act in (
        (page_published, "kb.publish_page"),
        (page_unpublished, "kb.unpublish_page"),
        (post_page_move, "kb.move_page"),
    ):
        signal.connect(_of_page(act), weak=False, dispatch_uid=act)
    faq_revision_published.connect(_published_faq, sender=Faq, dispatch_uid="kb.publish_faq")
    unpublished.connect(_unpublished_faq, sender=Faq, dispatch_uid="kb.unpublish_faq")
    # One receiver for each model: a receiver without sender makes every delete of any model read its rows first.
    recorded: list[type[Model]] = [Faq, *audience_models()]
    for model in recorded:
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"kb.deleted.{model._meta.label_lower}")
