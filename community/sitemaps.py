"""Public questions and spaces for search engines outside."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from accounts.audiences import viewer_for
from community.models import Question, SpacePage
from kb.sitemaps import PageSitemap, PublicSitemap


class QuestionSitemap(PublicSitemap):
    """Each public question that is not hidden, at the address in its own language."""

    def items(self) -> QuerySet[Question]:
        """What a visitor without any key of their own sees."""
        rows: QuerySet[Question] = Question.objects.visible_to(viewer_for(AnonymousUser()))
        return rows.order_by("pk").only("pk", "title", "language", "last_activity")

    def lastmod(self, item: Any) -> datetime:
        """When it last moved."""
        moment: datetime = item.last_activity
        return moment


SITEMAPS: dict[str, Sitemap | type[Sitemap]] = {"questions": QuestionSitemap, "spaces": PageSitemap(SpacePage)}
