"""What the addresses of search under /cms/ are about."""

from web.descriptions import Route, routes
from web.packages import merged

_LISTS = ("synonyms", "best_bets", "protected_words")
_ACTS = "index index_results add edit delete history history_results usage"
_CURATING = Route(permission="search.curate")

ROUTES = merged(
    [
        routes(
            Route(permission="search.curate", takes_any=True),
            """
            search_dashboard search_gap_hide search_gap_reopen search_pick search_starter search_starter_remove
            search_preview search_index search_index_rebuild search_index_retry
            """,
        ),
        *(routes(_CURATING, _ACTS, f"search_{each}:") for each in _LISTS),
    ]
)
