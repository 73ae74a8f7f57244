"""From a change to the index: the outbox, the leader that drains it, rebuilds, and their page under /cms/."""
