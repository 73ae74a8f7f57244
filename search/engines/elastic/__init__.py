"""Elasticsearch: an alias on the live index. A rebuild fills a new index and moves the alias.

search.language makes the terms; Elasticsearch only splits them at spaces. `_source` has what a scan compares, and no
text: results show the rows themselves.

`connection` has the client, `queries` compiles query trees, `search` sends searches, `indexes` creates and switches
indexes, `documents` makes bulk requests, `bulk` sends them; `baseline` is what search quality is compared with.
"""

from search.engines.elastic.baseline import plain_search
from search.engines.elastic.bulk import BulkMixin
from search.engines.elastic.connection import SEARCH_TIMEOUT, WRITE_TIMEOUT, open_client
from search.engines.elastic.search import SearchMixin

__all__ = ["SEARCH_TIMEOUT", "WRITE_TIMEOUT", "ElasticEngine", "open_client", "plain_search"]


class ElasticEngine(SearchMixin, BulkMixin):
    """Implements search.engines.Engine."""

    name = "elastic"
    keeps_vectors = True
