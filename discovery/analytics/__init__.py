"""The query log, which holds no personal data; daily figures, gaps and suggested queries computed from it."""
