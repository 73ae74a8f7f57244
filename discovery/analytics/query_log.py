"""Logging searches and clicks: what requests note. `query_log_writer` writes it, beside the requests.

A results page carries a signed note of what it shows. A submitted search is logged when its page is made; what comes
while somebody types only once it rested, which the page itself reports (static/js/search-clicks.js). Both have the
same id for the same words in the same hour, so a sequence of typing, pages and filters is one search.
"""

import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

from django.core import signing
from django.http import HttpRequest

from discovery.analytics import pseudonym, query_log_writer
from discovery.analytics.buffer import Buffer
from discovery.analytics.query_log_writer import Asked, Clicked, Ended
from discovery.models import GoodQuery, Outcome
from discovery.models.log import LONGEST
from web.ttl_cache import TTLCache

VALID = 24 * 3600  # seconds that a note is believed
FRESH = 10.0  # seconds after which another process knows what may be suggested
_SALT, _ID_SALT = "search.log", "search.ended"
_ROBOTS = ("bot", "crawl", "spider", "slurp")
buffer = Buffer(query_log_writer.write)


@dataclass(frozen=True, slots=True)
class Note:
    """What a results page showed, as its signed note says it. `id` is empty when nothing may be logged."""

    text: str
    language: str
    hits: int | None = None
    unfit: bool = False  # something was found, and the page said that it is about something else
    degraded: bool = False
    filters: str = ""
    typed: bool = False
    offset: int = 0  # of the first hit on the page
    shown: dict[str, bool] = field(default_factory=dict)  # document keys in their order → solved
    id: str = ""
    searcher: str = ""


def normalise(text: str) -> str:
    """A query as the log keeps it: folded, on one line, without the signs around it, cut."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).strip(" ?!.,;:")[:LONGEST].strip()


def shown(
    request: HttpRequest, found: Any, *, language: str, filters: dict[str, tuple[str, ...]], typing: bool = False
) -> dict[str, str]:
    """Log the search that made this page (`found`: search.results.Results), unless it came while typing.

    Returns for the template: `search_note`, the signed note; `search_ref`, the signed id that travels to the ask form
    and the chat, empty when nothing is logged.
    """
    text = normalise(found.text)
    if not text:
        return {"search_note": "", "search_ref": ""}
    moment = pseudonym.now()
    logged = _may_log(request)
    who = pseudonym.key(request, moment) if logged else ""
    note = Note(
        text=text,
        language=language,
        hits=None if found.degraded else found.total,
        unfit=bool(found.missing_words),
        degraded=found.degraded,
        filters=",".join(name for name, values in filters.items() if values),
        typed=typing,
        offset=(found.page - 1) * found.size,
        shown={hit.key: hit.document.solved for hit in found.hits},
        id=_id(who, text, language, moment) if logged else "",
        searcher=who,
    )
    if logged and not typing:
        _asked(note, moment)
    return {"search_note": _sign(note), "search_ref": signing.Signer(salt=_ID_SALT).sign(note.id) if logged else ""}


def _may_log(request: HttpRequest) -> bool:
    if request.method != "GET" or pseudonym.opted_out(request) or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    agent = request.headers.get("User-Agent", "").casefold()
    return not any(name in agent for name in _ROBOTS)


def _id(who: str, text: str, language: str, moment: datetime) -> str:
    words = f"{who} {language} {moment.hour} {text}".encode()
    return blake2b(words, key=pseudonym.salt(moment), digest_size=16).hexdigest()


def _sign(note: Note) -> str:
    values = [
        note.id, note.searcher, note.text, note.language, note.hits, note.unfit, note.degraded, note.filters,
        note.typed, note.offset, list(note.shown), [int(solved) for solved in note.shown.values()],
    ]  # fmt: skip
    return signing.dumps(values, salt=_SALT)


def read(signed: str) -> Note | None:
    """The note of a page; None when it is altered, too old or none."""
    try:
        values = signing.loads(signed, salt=_SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    id, who, text, language, hits, unfit, degraded, filters, typed, offset, keys, solved = values
    return Note(
        text=text, language=language, hits=hits, unfit=unfit, degraded=degraded, filters=filters, typed=typed,
        offset=offset, shown={key: bool(was) for key, was in zip(keys, solved, strict=True)}, id=id,
        searcher=who,
    )  # fmt: skip


def seen(note: Note, key: str = "") -> None:
    """A page reports that typing rested on it, or that one of its hits was opened (`key`: its document's)."""
    moment = pseudonym.now()
    if not note.id:
        return
    if note.typed:
        _asked(note, moment)
    if key in note.shown:
        buffer.put(Clicked(uuid.UUID(note.id), key, note.offset + list(note.shown).index(key) + 1))


def _asked(note: Note, moment: datetime) -> None:
    buffer.put(
        Asked(
            id=uuid.UUID(note.id),
            text=note.text,
            language=note.language,
            at=moment,
            searcher=note.searcher,
            hits=note.hits,
            unfit=note.unfit,
            degraded=note.degraded,
            typed=note.typed,
            filters=note.filters,
        )
    )


def ended(*, search_id: str, outcome: str) -> None:
    """Note that somebody who searched asked a person instead.

    `search_id` is the signed id that came along in the address (`?search=`); empty or altered ones are ignored.
    `outcome` is a value of `discovery.models.Outcome`.
    """
    try:
        plain = signing.Signer(salt=_ID_SALT).unsign(search_id)
    except signing.BadSignature:
        return
    buffer.put(Ended(uuid.UUID(plain), outcome))


def waits(note: Note) -> None:
    """Whoever searched asked to be told."""
    seen(note)
    if note.id:
        buffer.put(Ended(uuid.UUID(note.id), Outcome.WISH))


def flush() -> int:
    """Write what is waiting in this process now; how many entries."""
    return buffer.flush()


def good_queries(prefix: str, language: str, limit: int = 5) -> list[str]:
    """Past queries that begin like `prefix` and that anybody may see, the most asked first; [] for less than two
    characters. Chosen by `popular_queries.choose_good`, known to every process within `FRESH` seconds."""
    prefix = normalise(prefix)
    if len(prefix) < 2:
        return []
    known = good().get(language, ())
    return list(islice((text for text in known if text.startswith(prefix)), limit))


def _read_good() -> dict[str, list[str]]:
    """All of them (2,000 at most) by language: they change every ten minutes, and are asked for with every letter."""
    found: dict[str, list[str]] = {}
    for language, text in GoodQuery.objects.order_by("-people", "text").values_list("language", "text"):
        found.setdefault(language, []).append(text)
    return found


good = TTLCache(_read_good, FRESH)
