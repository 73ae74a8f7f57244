"""Retrieval effectiveness against judged data sets, and its regression check."""
