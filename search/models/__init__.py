"""What search stores."""

from search.models.indexing import Dirty, Findable, Rebuild

__all__ = ["Dirty", "Findable", "Rebuild"]
