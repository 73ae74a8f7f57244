"""What readers say about FAQs and articles."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.addresses import page_url
from kb.models.faq import Faq
from kb.models.pages import ArticlePage
from web.http import Viewer


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Feedback of readers."""

    def about_visible(self, viewer: Viewer) -> Self:
        """Return the feedback on FAQs and articles that the viewer may read."""
        faqs, articles = Faq.objects.visible_to(viewer), ArticlePage.objects.visible_to(viewer)
        return self.filter(models.Q(faq__in=faqs) | models.Q(article__in=articles))

    def given_by(self, who: str, **target: Any) -> "Feedback | None":
        """Return what a person or visitor said before about `faq=` or `article=`. `who` is their audience key, or ""
        for a visitor without a cookie."""
        return self.filter(who=who, **target).first() if who else None


class Feedback(models.Model):
    """Whether an FAQ or an article helped somebody, and why not. One for each person or visitor."""

    faq = models.ForeignKey(Faq, null=True, blank=True, on_delete=models.CASCADE, related_name="feedback")
    article = models.ForeignKey(ArticlePage, null=True, blank=True, on_delete=models.CASCADE, related_name="feedback")
    who = models.CharField(max_length=90)  # an audience key: user:N or visitor:HASH
    helpful = models.BooleanField(_("helped"))
    reason = models.TextField(_("what was missing"), max_length=1000, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects: ClassVar = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering: ClassVar = ["-updated"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(faq__isnull=True) ^ models.Q(article__isnull=True), name="feedback_on_one_thing"
            ),
            models.UniqueConstraint(fields=["faq", "who"], name="feedback_faq_once"),
            models.UniqueConstraint(fields=["article", "who"], name="feedback_article_once"),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {'+' if self.helpful else '-'}"

    @property
    def about(self) -> str:
        """Return the title of the FAQ or article."""
        return str(self.faq or self.article)

    @property
    def url(self) -> str:
        """Return the address of the FAQ or article."""
        return self.faq.get_absolute_url() if self.faq else page_url(self.article)


def feedback_key(viewer: Viewer) -> str:
    """Return the audience key that stands for this person or visitor, "" for a visitor without a cookie."""
    keys = (key for key in viewer.keys if key.startswith(("user:", "visitor:")))
    return min(keys, default="")  # "user:…" sorts before "visitor:…"
