"""Log searches, clicks and outcomes from requests. `query_log_writer` writes them to the database later.

A results page carries a signed note of what it shows. A submitted search is logged when its page is rendered; a search
while typing only once typing pauses, which the page reports (static/js/search-clicks.js). The same words in the same
hour have the same id, so a sequence of typing, paging and filtering counts as one search.
"""

import unicodedata
import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice

from django.core import signing
from django.http import HttpRequest

from discovery.analytics import pseudonym, query_log_writer
from discovery.analytics.buffer import Buffer
from discovery.analytics.query_log_writer import ClickEntry, OutcomeEntry, SearchEntry
from discovery.models import Outcome, SuggestedQuery
from discovery.models.log import LONGEST
from search.filters import Filters
from search.results import Results
from web.ttl_cache import TTLCache

VALID = 24 * 3600  # seconds for which a signed note is accepted
FRESH = 10.0  # seconds for which a process caches the suggested queries
_SALT, _ID_SALT = "search.log", "search.ended"
_ROBOTS = ("bot", "crawl", "spider", "slurp")
buffer = Buffer(query_log_writer.write)


@dataclass(frozen=True, slots=True)
class PageNote:
    """What a results page showed, as it travels in the page's signed note. `id` is empty when nothing may be logged."""

    text: str
    language: str
    hits: int | None = None
    unfit: bool = False  # there were hits, but the page said that they are about something else
    degraded: bool = False
    filters: str = ""
    typed: bool = False
    offset: int = 0  # of the first hit on the page
    shown: dict[str, bool] = field(default_factory=dict)  # document keys in their order → whether it was solved
    id: str = ""
    searcher: str = ""


@dataclass(frozen=True, slots=True)
class SignedPage:
    """What a results page sends back with later requests. Both are empty when the page searched for nothing."""

    note: str = ""  # the signed note
    ref: str = ""  # the signed id for forms that ask a person; empty when nothing is logged


def normalise(text: str) -> str:
    """Return a query as the log stores it: case-folded, on one line, without punctuation around it, cut to length."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).strip(" ?!.,;:")[:LONGEST].strip()


def log_results_page(
    request: HttpRequest, found: Results, *, language: str, filters: Filters, typing: bool = False
) -> SignedPage:
    """Log the search of a results page, unless it came while typing."""
    text = normalise(found.text)
    if not text:
        return SignedPage()
    moment = pseudonym.now()
    logged = _may_log(request)
    who = pseudonym.key(request) if logged else ""
    note = PageNote(
        text=text,
        language=language,
        hits=None if found.degraded else found.total,
        unfit=bool(found.missing_words),
        degraded=found.degraded,
        filters=",".join(name for name, values in filters.items() if values),
        typed=typing,
        offset=(found.page - 1) * found.size,
        shown={hit.key: hit.document.solved for hit in found.hits},
        id=_id(who, text, language, moment.hour) if logged else "",
        searcher=who,
    )
    if logged and not typing:
        _put_search(note)
    return SignedPage(_sign(note), signing.Signer(salt=_ID_SALT).sign(note.id) if logged else "")


def _may_log(request: HttpRequest) -> bool:
    if request.method != "GET" or pseudonym.opted_out(request) or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    agent = request.headers.get("User-Agent", "").casefold()
    return not any(name in agent for name in _ROBOTS)


def _id(who: str, text: str, language: str, hour: int) -> str:
    return blake2b(f"{who} {language} {hour} {text}".encode(), key=pseudonym.salt(), digest_size=16).hexdigest()


def _sign(note: PageNote) -> str:
    values = [
        note.id, note.searcher, note.text, note.language, note.hits, note.unfit, note.degraded, note.filters,
        note.typed, note.offset, list(note.shown), [int(solved) for solved in note.shown.values()],
    ]  # fmt: skip
    return signing.dumps(values, salt=_SALT)


def read_note(signed: str) -> PageNote | None:
    """Return a page's note; None when it is altered, too old or missing."""
    try:
        values = signing.loads(signed, salt=_SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    id, who, text, language, hits, unfit, degraded, filters, typed, offset, keys, solved = values
    return PageNote(
        text=text, language=language, hits=hits, unfit=unfit, degraded=degraded, filters=filters, typed=typed,
        offset=offset, shown={key: bool(was) for key, was in zip(keys, solved, strict=True)}, id=id,
        searcher=who,
    )  # fmt: skip


def log_page_event(note: PageNote, key: str = "") -> None:
    """Log that typing paused on a results page, or that one of its hits was opened (`key`: the document)."""
    if not note.id:
        return
    if note.typed:
        _put_search(note)
    if key in note.shown:
        buffer.put(ClickEntry(uuid.UUID(note.id), key, note.offset + list(note.shown).index(key) + 1))


def _put_search(note: PageNote) -> None:
    buffer.put(
        SearchEntry(
            id=uuid.UUID(note.id),
            text=note.text,
            language=note.language,
            at=pseudonym.now(),
            searcher=note.searcher,
            hits=note.hits,
            unfit=note.unfit,
            degraded=note.degraded,
            typed=note.typed,
            filters=note.filters,
        )
    )


def log_outcome(*, search_id: str, outcome: str) -> None:
    """Log that a searcher asked a person instead. `outcome` is a value of `discovery.models.Outcome`.

    `search_id` is the signed id from the address (`?search=`). Empty or altered ones are ignored.
    """
    try:
        plain = signing.Signer(salt=_ID_SALT).unsign(search_id)
    except signing.BadSignature:
        return
    buffer.put(OutcomeEntry(uuid.UUID(plain), outcome))


def log_alert(note: PageNote) -> None:
    """Log that a searcher asked for a search alert."""
    log_page_event(note)
    if note.id:
        buffer.put(OutcomeEntry(uuid.UUID(note.id), Outcome.ALERT))


def flush() -> int:
    """Write the entries of this process now. Return their number."""
    return buffer.flush()


def suggested_queries(prefix: str, language: str, limit: int = 5) -> list[str]:
    """Return suggested queries that begin with `prefix`, those of most people first; [] for less than two characters.

    `discovery.analytics.suggested_queries` chooses them; every process knows them within `FRESH` seconds.
    """
    prefix = normalise(prefix)
    if len(prefix) < 2:
        return []
    known = suggested_cache().get(language, ())
    return list(islice((text for text in known if text.startswith(prefix)), limit))


def _read_suggested() -> dict[str, list[str]]:
    """Return all of them (2,000 at most) by language: they change every ten minutes and are read with every letter."""
    found: dict[str, list[str]] = {}
    for language, text in SuggestedQuery.objects.order_by("-people", "text").values_list("language", "text"):
        found.setdefault(language, []).append(text)
    return found


suggested_cache = TTLCache(_read_suggested, FRESH)
