"""Elasticsearch: an alias on the live index; a rebuild fills a new index and moves the alias.

Terms come ready from search.language; Elasticsearch only splits them at spaces. Its `_source` keeps what a scan
compares and no text: results show the rows themselves.

`connection` reaches the server, `queries` makes questions of trees, `asking` asks them, `indexes` looks after the
indexes, `documents` makes lines of documents, `writing` sends them; `plain` is what search is compared with.
"""

from search.engines.elastic.baseline import plain_search
from search.engines.elastic.bulk import Writing
from search.engines.elastic.connection import SEARCH_TIMEOUT, WRITE_TIMEOUT, open_client
from search.engines.elastic.search import Asking

__all__ = ["SEARCH_TIMEOUT", "WRITE_TIMEOUT", "ElasticEngine", "open_client", "plain_search"]


class ElasticEngine(Asking, Writing):
    """Implements search.engines.Engine."""

    name = "elastic"
    keeps_vectors = True
