"""The instant answer above the results, if one of the first hits clearly answers the query; none when in doubt."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from markup.clean import html_to_text
from markup.excerpt import excerpt
from search import similarity, sources, vocabulary
from search.language.analysis import Analysis
from search.results import Result, Results
from search.sources import SourceAnswer

CANDIDATES = 3  # first hits of which one may answer: merits may have moved it down a place
RIVALS = 5  # first hits that may answer as well
FIT = 0.6  # of query and title at least: the harmonic mean of the shares that each has of the other
COVERED = 0.75  # of the query's letters at least, anywhere in the document
MARGIN = 0.1  # by which all other hits must fit less, unless they ask the same
EXACT = 0.95  # a fit with which other hits do not matter
LENGTH = 420  # characters of the answer


@dataclass(frozen=True, slots=True)
class InstantAnswer:
    """The hit that answers, and the part of it to show."""

    hit: Result
    answer: SourceAnswer
    html: SafeString  # sanitised; the beginning of the answer, or of the part of it that is about the query


def find_instant_answer(results: Results, text: str) -> InstantAnswer | None:
    """Return the answer to `text` in a hit of a first page, or None. May run a query or two, for that hit alone."""
    if results.page != 1 or results.degraded or results.missing_words:
        return None
    analysis = vocabulary.current()
    place = _place_of_answer(text, results.hits, analysis)
    if place is None:
        return None
    hit = results.hits[place]
    if hit.placement == "bottom" or (results.hits[0].recommended and not hit.recommended):
        return None  # a recommended page stays on top
    source = sources.get(hit.document.kind)
    answer = source.answer(hit.row) if source else None
    if answer is None:
        return None
    html = excerpt(_best_part(text, hit, answer, analysis), length=LENGTH)
    return InstantAnswer(hit, answer, html) if html_to_text(html) else None


def _place_of_answer(text: str, hits: list[Result], analysis: Analysis) -> int | None:
    """Return the place of the hit that answers, if no other hit might as well."""
    fits = [similarity.text_similarity(text, hit.document, analysis, body=False).fit for hit in hits[:RIVALS]]
    best = max(fits[:CANDIDATES], default=0.0)
    if best < FIT:
        return None
    place = fits.index(best)
    document = hits[place].document
    if best < EXACT and len(similarity.content_words(text, document.text_language(), analysis)) < 2:
        return None  # one word names a subject and asks nothing
    if similarity.text_similarity(text, document, analysis).text_anywhere < COVERED:
        return None
    if best < EXACT:
        for hit, fit in zip(hits, fits, strict=False):
            other = hit.document
            if fit > best - MARGIN and not similarity.same_question(
                document.title, other.title, document.text_language(), analysis
            ):
                return None
    return place


def _best_part(text: str, hit: Result, answer: SourceAnswer, analysis: Analysis) -> SafeString:
    """Return the part of an answer with most words of the query beyond the title; the first if there are none."""
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
