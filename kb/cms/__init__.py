"""Wagtail's pages under /cms/, held to audiences."""
