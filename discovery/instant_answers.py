"""The answer itself above the results, when one of the first hits clearly answers what was asked; nothing when in
doubt."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from markup.clean import html_to_text
from markup.excerpt import excerpt
from search import similarity, sources, vocabulary
from search.language.analysis import Analysis
from search.results import Result, Results
from search.sources import SourceAnswer

AMONG = 3  # hits of which one may answer: merits may have moved it down a place
RIVALS = 5  # hits that may answer as well
FIT = 0.6  # of question and title, the harmonic mean of what each has of the other
ASKED = 0.75  # of the question's letters, anywhere in the document
MARGIN = 0.1  # by which all other hits fit less, unless they ask the same
EXACT = 0.95  # fits so well that other hits do not matter
LENGTH = 420  # characters of the answer


@dataclass(frozen=True, slots=True)
class Instant:
    """What is shown of the hit that answers."""

    hit: Result
    answer: SourceAnswer
    html: SafeString  # clean; the beginning of the answer, or of the part of it that is about the question


def instant(results: Results, text: str) -> Instant | None:
    """The answer to `text` in a hit of a first page, or None. May query once or twice, for that hit alone."""
    if results.page != 1 or results.degraded or results.missing_words:
        return None
    analysis = vocabulary.current()
    place = _clear(text, results.hits, analysis)
    if place is None:
        return None
    hit = results.hits[place]
    if hit.placement == "bottom" or (results.hits[0].recommended and not hit.recommended):
        return None  # what curators recommend stands on top
    source = sources.get(hit.document.kind)
    answer = source.answer(hit.row) if source else None
    if answer is None:
        return None
    html = excerpt(_about(text, hit, answer, analysis), length=LENGTH)
    return Instant(hit, answer, html) if html_to_text(html) else None


def _clear(text: str, hits: list[Result], analysis: Analysis) -> int | None:
    """The place of the hit that answers, when it does and no other might as well."""
    fits = [similarity.text_similarity(text, hit.document, analysis, body=False).fit for hit in hits[:RIVALS]]
    best = max(fits[:AMONG], default=0.0)
    if best < FIT:
        return None
    place = fits.index(best)
    document = hits[place].document
    if best < EXACT and len(similarity.content_words(text, document.text_language(), analysis)) < 2:
        return None  # one word names a subject; it asks nothing
    if similarity.text_similarity(text, document, analysis).text_anywhere < ASKED:
        return None
    if best < EXACT:
        for hit, fit in zip(hits, fits, strict=False):
            other = hit.document
            if fit > best - MARGIN and not similarity.same_question(
                document.title, other.title, document.text_language(), analysis
            ):
                return None
    return place


def _about(text: str, hit: Result, answer: SourceAnswer, analysis: Analysis) -> SafeString:
    """The part of an answer that has most of what is asked beyond the title; the first when that is nothing."""
    language = hit.document.text_language()
    title = similarity.content_words(hit.document.title, language, analysis)
    wanted = {s: word for s, word in similarity.content_words(text, language, analysis).items() if s not in title}
    if not wanted or len(answer.parts) == 1:
        return answer.parts[0]
    shares = [
        similarity.overlap(wanted, frozenset(analysis.indexed(html_to_text(part), language).stems))
        for part in answer.parts
    ]
    return answer.parts[shares.index(max(shares))]
