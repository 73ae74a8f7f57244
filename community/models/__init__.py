"""Spaces, questions, answers and votes."""

from community.models.pages import CommunityIndexPage, SpacePage
from community.models.questions import Answer, FaqNote, Question, Vote

__all__ = ["Answer", "CommunityIndexPage", "FaqNote", "Question", "SpacePage", "Vote"]
