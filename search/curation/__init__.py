"""The curators' synonyms and recommended pages, as ranking uses them."""
