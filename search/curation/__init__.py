"""What curators tell search: synonyms, protected words, recommended and demoted pages; their pages under /cms/."""
