"""Curators' screens: synonyms, protected words, recommended and demoted pages, the starter list."""
