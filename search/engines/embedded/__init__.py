"""The embedded engine: tantivy in a folder. One process writes (the leader); any number read.

SEARCH_DIR/current names the folder of the live index beside it. Readers read it before each search, so that they
notice a switch. search.language makes the terms; tantivy only splits them at spaces.

`documents` has the schema, `queries` compiles query trees, `engine` reads and writes the folder.
"""

from search.engines.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
