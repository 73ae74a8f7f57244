"""Search as people meet it: results, suggestions, duplicates, alerts; what curators steer, and what is asked."""
