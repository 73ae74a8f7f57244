"""The embedded engine: tantivy in a folder. One process writes (the leader); any number read.

SEARCH_DIR/current names the live index's folder beside it. Readers look at it before each search, so that they follow
a switch. Terms come ready from search.language; tantivy only splits them at spaces.

`documents` makes what tantivy keeps, `queries` makes questions of trees, `engine` reads and writes the folder.
"""

from search.engines.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
