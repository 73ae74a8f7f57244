"""Notifications and mails of this package."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audiences import Person
from accounts.models import User
from accounts.roles import permissions_by_role
from discovery.models import SearchAlert, ZeroResultAlert
from discovery.permissions import can_curate
from notifications.actions import mail, notify
from search.sources import Document


def curators() -> list[User]:
    """Return the active people who may curate search and open the CMS."""
    roles = [role for role, granted in permissions_by_role().items() if {"search.curate", "wagtail.access"} <= granted]
    return list(User.objects.filter(is_active=True, role_grants__role__in=roles).distinct())


def zero_result_alerts_visible_to(viewer: Person) -> "QuerySet[ZeroResultAlert]":
    """Return the zero-result alerts that somebody may read. They quote what people search for."""
    return ZeroResultAlert.objects.all() if can_curate(viewer) else ZeroResultAlert.objects.none()


def zero_results_high(*, alert: ZeroResultAlert, days: int, missed: Sequence[str]) -> None:
    """Tell curators that too many searches find nothing. `missed`: the texts of the most frequent gaps."""
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


def confirmation_requested(*, alert: SearchAlert, url: str) -> None:
    """Mail the link that confirms a search alert."""
    mail(
        to=alert.email,
        subject=_("Do you want a message when there is an answer?"),
        body=_(
            "Somebody, probably you, searched and asked us to mail this address once there is an answer. See for what, "
            "and confirm it, by the link below. If it was not you, do nothing: without that click we forget this "
            "address."
        ),
        url=url,
        language=alert.language,
        reason=_("You get this because somebody typed this address in our search."),
        confirmed=False,
    )


def alert_fulfilled(*, alert: SearchAlert, documents: Sequence[Document], url: str) -> None:
    """Tell the owner of a search alert that there is an answer now."""
    title = format_lazy(_("There is an answer to “{text}”"), text=alert.text)
    if alert.email:
        mail(
            to=alert.email,
            subject=title,
            body="\n".join(document.title for document in documents),
            url=url,
            language=alert.language,
            confirmed=True,
            shows=[document.key for document in documents],
            reason=_("You asked for this one mail. Your address is deleted now."),
        )
        return
    notify(
        recipients=User.objects.filter(pk=alert.owner.partition(":")[2], is_active=True),
        event="search.answered",
        key=documents[0].key,
        title=title,
        body="\n".join(document.title for document in documents),
        url=url,
        shows=[document.key for document in documents],
    )
