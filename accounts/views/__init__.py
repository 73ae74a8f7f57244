"""Pages of people about themselves, and Management."""
