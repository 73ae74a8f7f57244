"""Pages of people's own accounts, and Management."""
