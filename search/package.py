"""What this package adds to the product."""

from search import embeddings, engines
from search.indexing import indexer
from web.packages import Package

PACKAGE = Package(
    name="search",
    health={"search": lambda: engines.get().health()},
    loops={"indexer": indexer.run, "meaning": lambda _stop: embeddings.warm()},
)
