"""Home, topics, articles and FAQs, with the origins of FAQs and the feedback on them."""

from kb.models.audience import (
    AudiencePage,
    AudiencePageManager,
    AudiencePageQuerySet,
    effective,
    follow_rows,
    staff_only,
)
from kb.models.faq import Faq
from kb.models.feedback import Feedback
from kb.models.origins import Origin
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
