"""The query log without personal data, its figures, and the gaps it shows."""
