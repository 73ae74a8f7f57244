"""What the pages of the knowledge base show to a viewer. Each function makes a constant number of queries."""

from typing import Any

from django.http import HttpRequest

from accounts.audiences import Viewer
from kb.models import ArticlePage, HomePage, TopicPage


def home(page: HomePage, viewer: Viewer) -> dict[str, Any]:
    """The home page's lists."""
    return {}


def topics(page: TopicPage, viewer: Viewer) -> dict[str, Any]:
    """All topics with those below them."""
    return {}


def topic(page: TopicPage, request: HttpRequest) -> dict[str, Any]:
    """One topic: its topics, FAQs and articles."""
    return {}


def article(page: ArticlePage, request: HttpRequest) -> dict[str, Any]:
    """Beside an article: related FAQs and the viewer's feedback."""
    return {}
