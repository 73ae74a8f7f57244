"""Addresses of the forum that are not Wagtail pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from community.views import acts, ask, lists, question

app_name = "community"
urlpatterns = [
    path("community/", lists.index, name="index"),
    path(_("ask/"), ask.ask, name="ask"),
    path("q/preview/", ask.preview, name="preview"),
    path("q/mine/", lists.mine_fragment, name="mine_fragment"),
    path("q/latest/", lists.latest_fragment, name="latest_fragment"),
    path("q/<int:pk>/", question.question, {"slug": ""}, name="question_short"),
    path("q/<int:pk>-<slug:slug>/", question.question, name="question"),
    path("q/<int:pk>/answer/", question.answer, name="answer"),
    path("q/<int:pk>/edit/", question.edit_question, name="edit_question"),
    path("q/answer/<int:pk>/edit/", question.edit_answer, name="edit_answer"),
    path("q/<int:pk>/vote/", acts.vote_question, name="vote_question"),
    path("q/answer/<int:pk>/vote/", acts.vote_answer, name="vote_answer"),
    path("q/answer/<int:pk>/accept/", acts.accept, name="accept"),
    path("q/<int:pk>/move/", acts.move, name="move"),
    path("q/<int:pk>/hide/", acts.hide_question, name="hide_question"),
    path("q/answer/<int:pk>/hide/", acts.hide_answer, name="hide_answer"),
    path("community/<int:pk>/follow/", lists.follow_space, name="follow_space"),
]
