"""Keeps Wagtail's pages under /cms/ to audiences."""
