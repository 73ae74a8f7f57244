"""Sitemaps of what everyone may read."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from accounts.audiences import viewer_for
from kb.addresses import page_url
from kb.models import ArticlePage, AudiencePage, Faq, HomePage, TopicPage


class PublicSitemap(Sitemap):
    """Rows that an anonymous visitor may see, at BASE_URL."""

    protocol = urlsplit(settings.BASE_URL).scheme
    limit = 5000

    def get_domain(self, site: Any = None) -> str:
        """Return the host of BASE_URL."""
        return urlsplit(settings.BASE_URL).netloc

    def lastmod(self, item: Any) -> datetime | None:
        """Return when it was last published."""
        return item.last_published_at


class FaqSitemap(PublicSitemap):
    """Public FAQs."""

    def items(self) -> QuerySet[Faq]:
        """Return them, newest first."""
        return Faq.objects.visible_to(viewer_for(AnonymousUser())).select_related("locale")


class PageSitemap(PublicSitemap):
    """Public pages of one type."""

    def __init__(self, model: type[AudiencePage]) -> None:
        self.model = model

    def items(self) -> QuerySet[Any]:
        """Return them in the order of the tree."""
        rows = self.model.objects.visible_to(viewer_for(AnonymousUser()))
        return rows.select_related("locale").order_by("path")

    def location(self, item: AudiencePage) -> str:
        """Return the address without host."""
        return page_url(item)


SITEMAPS: dict[str, Sitemap | type[Sitemap]] = {
    "home": PageSitemap(HomePage),
    "topics": PageSitemap(TopicPage),
    "articles": PageSitemap(ArticlePage),
    "faqs": FaqSitemap,
}
