"""Synonyms and recommended pages as ranking reads them."""
