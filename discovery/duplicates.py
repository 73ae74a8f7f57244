"""Find existing answers to a question that somebody is writing, and the same question asked before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search import query, similarity, vocabulary
from search.filters import NO_FILTERS, Filters
from search.results import Result
from web.http import Viewer

SEEN = "seen"  # posted if answers appeared beside the form while typing (templates/discovery/_duplicates.html)
ANYWAY = "anyway"  # posted after answers were shown before posting
MOST = 5  # answers shown


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Existing answers, in two lists."""

    same: list[Result]  # the same question in nearly the same words
    others: list[Result]

    @property
    def hits(self) -> list[Result]:
        """Both lists, the same question first."""
        return [*self.same, *self.others]

    def __bool__(self) -> bool:
        return bool(self.same or self.others)


def find_duplicates(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    limit: int = MOST,
    filters: Filters = NO_FILTERS,
    exclude: Iterable[str] = (),
) -> Duplicates:
    """Return at most `limit` existing answers to what somebody is writing; none when in doubt."""
    hits = query.suggest_answers(text, viewer=viewer, language=language, limit=limit, filters=filters, exclude=exclude)
    analysis = vocabulary.current()
    same = [
        hit
        for hit in hits
        if similarity.same_question(text, hit.document.title, hit.document.text_language(), analysis)
    ]
    return Duplicates(same, [hit for hit in hits if hit not in same])


def before_posting(
    text: str, posted: Mapping[str, str], *, viewer: Viewer, language: str = "", insist: bool = True
) -> Duplicates | None:
    """Return what to show once before a question is posted; None if it may be posted.

    People who saw answers while typing are not stopped, except by the same question if `insist`. Without JavaScript
    they saw nothing. A form that shows answers posts `ANYWAY` the next time.
    """
    seen = bool(posted.get(SEEN))
    if posted.get(ANYWAY) or (seen and not insist):
        return None
    found = find_duplicates(text, viewer=viewer, language=language)
    return found if found.same or (found.others and not seen) else None
