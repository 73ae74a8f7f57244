"""Public questions for search engines outside."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from accounts.audiences import viewer_for
from community.models import Question


class QuestionSitemap(Sitemap):
    """Each public question that is not hidden, at the address in its own language."""

    limit = 2000

    def items(self) -> QuerySet[Question]:
        """What a visitor without any key of their own sees."""
        rows: QuerySet[Question] = Question.objects.visible_to(viewer_for(AnonymousUser()))
        return rows.order_by("pk").only("pk", "title", "language", "last_activity")

    def location(self, item: Question) -> str:
        """The address."""
        return item.get_absolute_url()

    def lastmod(self, item: Question) -> datetime:
        """When it last moved."""
        return item.last_activity
