"""Notifications and mails about search."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import permissions_by_role
from discovery.models import SearchAlert, ShareAlert
from discovery.permissions import can_curate
from notifications.actions import mail, notify
from search.sources import Document


def curators() -> list[User]:
    """The active people who may teach search."""
    roles = [role for role, granted in permissions_by_role().items() if {"search.curate", "wagtail.access"} <= granted]
    return list(User.objects.filter(is_active=True, role_grants__role__in=roles).distinct())


def alerts_for(viewer: Any) -> "QuerySet[ShareAlert]":
    """The alerts that somebody may read: they name what people search for."""
    return ShareAlert.objects.all() if can_curate(viewer.user) else ShareAlert.objects.none()


def zero_results_high(*, alert: ShareAlert, days: int, missed: Sequence[str]) -> None:
    """Tell curators that much is asked in vain, and what most."""
    share = round(100 * alert.zero / alert.searches)
    body = format_lazy(
        _("In the last {days} days {zero} of {searches} searches found nothing. See what people miss, and write it."),
        days=days,
        zero=alert.zero,
        searches=alert.searches,
    )
    if missed:
        words = ", ".join(f"“{text}”" for text in missed)
        body = format_lazy("{body} {most}", body=body, most=format_lazy(_("Missed most: {words}"), words=words))
    notify(
        recipients=curators(),
        event="search.zero_results_high",
        key=f"search-alert:{alert.period}",
        title=format_lazy(_("{share}% of what people search for finds nothing"), share=share),
        body=body,
        url=f"{reverse('search_dashboard')}?days={days}#h-gaps",
        shows=[f"search-alert:{alert.pk}"],
    )


def wish_made(*, wish: SearchAlert, url: str) -> None:
    """Mail the link that confirms an address."""
    mail(
        to=wish.email,
        subject=_("Do you want a message when there is an answer?"),
        body=_(
            "Somebody, probably you, searched and asked us to mail this address once there is an answer. See for what, "
            "and confirm it, by the link below. If it was not you, do nothing: without that click we forget this "
            "address."
        ),
        url=url,
        language=wish.language,
        reason=_("You get this because somebody typed this address in our search."),
        confirmed=False,
    )


def wish_granted(*, wish: SearchAlert, documents: Sequence[Document], url: str) -> None:
    """Tell somebody that what they searched for in vain has an answer."""
    title = format_lazy(_("There is an answer to “{text}”"), text=wish.text)
    if wish.email:
        mail(
            to=wish.email,
            subject=title,
            body="\n".join(document.title for document in documents),
            url=url,
            language=wish.language,
            confirmed=True,
            shows=[document.key for document in documents],
            reason=_("You asked for this one mail. Your address is deleted now."),
        )
        return
    notify(
        recipients=User.objects.filter(pk=wish.owner.partition(":")[2], is_active=True),
        event="search.answered",
        key=documents[0].key,
        title=title,
        body="\n".join(document.title for document in documents),
        url=url,
        shows=[document.key for document in documents],
    )
