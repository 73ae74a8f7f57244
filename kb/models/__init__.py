"""Home, topics, articles and FAQs, with where FAQs came from and whether they helped."""

from kb.models.audience import AudiencePage, AudiencePageManager, AudiencePageQuerySet, effective, follow_rows
from kb.models.faq import Faq, Feedback, Origin, staff_only
from kb.models.pages import ArticlePage, HomePage, TopicPage

__all__ = [
    "ArticlePage",
    "AudiencePage",
    "AudiencePageManager",
    "AudiencePageQuerySet",
    "Faq",
    "Feedback",
    "HomePage",
    "Origin",
    "TopicPage",
    "effective",
    "follow_rows",
    "staff_only",
]
