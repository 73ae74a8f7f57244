"""Addresses of the knowledge base that are not Wagtail pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from kb.views import capture, curate, faqs, feedback, pages

app_name = "kb"
urlpatterns = [
    path(_("topics/"), pages.topics, name="topics"),
    path("faq/<int:pk>-<slug:slug>/", faqs.faq_detail, name="faq"),
    path("faq/<int:pk>/", faqs.faq_detail, name="faq_short"),
    path(_("knowledge/feedback/<str:kind>/<int:pk>/"), feedback.give, name="feedback"),
    path(_("knowledge/capture/<slug:kind>/<int:pk>/"), capture.capture, name="capture"),
    path(_("knowledge/drafts/"), curate.drafts, name="drafts"),
    path(_("knowledge/drafts/<int:pk>/"), faqs.draft, name="draft"),
    path(_("knowledge/curate/"), curate.home, name="curate"),
]
