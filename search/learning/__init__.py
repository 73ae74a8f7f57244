"""What search teaches: the query log without personal data, its figures, gaps, and wishes to be told of an answer."""
