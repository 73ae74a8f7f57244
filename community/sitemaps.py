"""Sitemaps of public questions and spaces."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from accounts.audiences import viewer_for
from community.models import Question, SpacePage
from kb.sitemaps import PageSitemap, PublicSitemap


class QuestionSitemap(PublicSitemap):
    """Public questions, at the address in their own language."""

    def items(self) -> QuerySet[Question]:
        """Return what an anonymous visitor may see."""
        rows: QuerySet[Question] = Question.objects.visible_to(viewer_for(AnonymousUser()))
        return rows.order_by("pk").only("pk", "title", "language", "last_activity")

    def lastmod(self, item: Any) -> datetime:
        """Return when its last activity was."""
        moment: datetime = item.last_activity
        return moment


SITEMAPS: dict[str, Sitemap | type[Sitemap]] = {"questions": QuestionSitemap, "spaces": PageSitemap(SpacePage)}
