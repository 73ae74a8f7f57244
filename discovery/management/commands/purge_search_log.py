"""Delete old searches."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from discovery import search_alerts
from discovery.analytics import metrics, query_log
from discovery.models import SuggestedQuery


class Command(BaseCommand):
    """`purge_search_log [--days N]`; `--days 0` leaves today's searches only."""

    help = "Delete searches older than SEARCH_LOG_DAYS, and search alerts that are too old. Daily figures stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.SEARCH_LOG_DAYS, help="keep so many days")
        parser.add_argument("--all", action="store_true", help="delete every search, today's and suggestions included")

    def handle(self, *args: Any, **options: Any) -> None:
        query_log.flush()
        for day in metrics.open_days():
            metrics.roll_up(day)
        count = metrics.purge(-1 if options["all"] else max(options["days"], 0))
        if options["all"]:
            SuggestedQuery.objects.all().delete()
            query_log.suggested_cache.clear()
        search_alerts.purge()
        self.stdout.write(f"Deleted: {count} searches.")
