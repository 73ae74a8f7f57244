"""Indexing: the leader that drains the outbox, rebuilds, and the comparison of database and index."""
