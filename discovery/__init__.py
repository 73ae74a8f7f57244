"""The product on top of search: results page, suggestions, duplicates, search alerts, curation, query log, gaps."""
