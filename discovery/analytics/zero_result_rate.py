"""The zero-result rate: tell curators when too many searches find nothing."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from discovery.analytics import gap_report, pseudonym
from discovery.models import DailyFigures, ZeroResultAlert
from discovery.notices import zero_results_high

MOST_GAPS = 3  # gaps that an alert quotes


def alert_if_high() -> ZeroResultAlert | None:
    """Tell curators if the zero-result rate passed the threshold. Return the alert, at most one for each period."""
    today = pseudonym.now().date()
    days = settings.SEARCH_ALERT_DAYS
    period = today - timedelta(days=today.toordinal() % days)
    if ZeroResultAlert.objects.filter(period=period).exists():
        return None
    recent = DailyFigures.objects.filter(day__gt=today - timedelta(days=days), day__lte=today)
    counts: dict[str, int] = recent.aggregate(searches=Sum("searches", default=0), zero=Sum("zero", default=0))
    if counts["searches"] < settings.SEARCH_ALERT_SEARCHES:
        return None
    if 100 * counts["zero"] < settings.SEARCH_ALERT_PERCENT * counts["searches"]:
        return None
    missed = gap_report.gaps(today - timedelta(days=days - 1), today, limit=MOST_GAPS)
    with transaction.atomic():
        alert, new = ZeroResultAlert.objects.get_or_create(period=period, defaults=counts)
        if new:
            zero_results_high(alert=alert, days=days, missed=[row.text for row in missed])
    return alert if new else None
