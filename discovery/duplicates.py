"""What is there already, before somebody asks: answers to what they wrote, and the same question asked before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search import query, similarity, vocabulary
from search.results import Result
from web.http import Viewer

SEEN = "seen"  # posted when answers appeared beside the form while somebody typed: by templates/discovery/_similar.html
MOST = 5  # answers shown
ANYWAY = "anyway"  # posted once they were shown before posting


@dataclass(frozen=True, slots=True)
class Already:
    """Existing answers, in two lists."""

    same: list[Result]  # ask the same in nearly the same words
    others: list[Result]

    @property
    def hits(self) -> list[Result]:
        """All of them, the same question first."""
        return [*self.same, *self.others]

    def __bool__(self) -> bool:
        return bool(self.same or self.others)


def already(
    text: str,
    *,
    viewer: Viewer,
    language: str = "",
    limit: int = MOST,
    kinds: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> Already:
    """Existing answers to what somebody is writing, at most `limit`; none when in doubt."""
    hits = query.suggest_answers(text, viewer=viewer, language=language, limit=limit, kinds=kinds, exclude=exclude)
    analysis = vocabulary.current()
    same = [
        hit
        for hit in hits
        if similarity.same_question(text, hit.document.title, hit.document.text_language(), analysis)
    ]
    return Already(same, [hit for hit in hits if hit not in same])


def before_posting(
    text: str, posted: Mapping[str, str], *, viewer: Viewer, language: str = "", insist: bool = True
) -> Already | None:
    """What to show once before a question is posted; None to go on.

    Whoever saw answers while typing goes on, but for the very same question if `insist`; without JavaScript nothing
    was seen. A form that shows them posts `ANYWAY` the next time.
    """
    seen = bool(posted.get(SEEN))
    if posted.get(ANYWAY) or (seen and not insist):
        return None
    found = already(text, viewer=viewer, language=language)
    return found if found.same or (found.others and not seen) else None
