"""Import of FAQs from files, in batches. They are published at once, with one revision each."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Locale, Revision

from accounts import audiences, audit
from accounts.audiences import Person, new_readers
from accounts.models import Audience
from kb.models import Faq, TopicPage, staff_only
from markup import text
from search.models.outbox import enqueue_documents

BATCH = 250
LONGEST_TITLE = 255
LONGEST_ID = 200
COLUMNS = ("id", "title", "body", "lang")


class Rejected(ValueError):
    """A row cannot be loaded. The message says why."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An FAQ as the file has it; `body` is Markdown."""

    line: int
    id: str
    title: str
    body: str
    lang: str

    @property
    def digest(self) -> str:
        """Return a hash of the text."""
        return hashlib.sha256("\0".join((self.title, self.body, self.lang)).encode()).hexdigest()


@dataclass(slots=True)
class Summary:
    """The result of an import."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)  # line number, reason


def read(path: Path, summary: Summary) -> Iterator[ImportRow]:
    """Yield the valid rows of a JSON Lines or CSV file. The others are added to `summary.rejected`."""
    languages = frozenset(Locale.objects.values_list("language_code", flat=True))
    seen: dict[str, int] = {}
    for line, values in _csv(path) if path.suffix.lower() == ".csv" else _json_lines(path):
        try:
            row = _row(line, values, languages)
            if row.id in seen:
                raise Rejected(f"the id {row.id!r} stands on line {seen[row.id]} already")
        except Rejected as reason:
            summary.rejected.append((line, str(reason)))
        else:
            seen[row.id] = line
            yield row


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if raw.strip(b"\xef\xbb\xbf \t\r\n"):
                try:
                    yield line, json.loads(raw.decode("utf-8-sig"))
                except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
                    yield line, Rejected(f"no JSON: {error}")


def _csv(path: Path) -> Iterator[tuple[int, Any]]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or [])]:
            raise Rejected(f"the first line names no column {', '.join(missing)}")
        while True:
            line = reader.line_num + 1
            try:
                yield line, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, Rejected(f"no CSV: {error}")


def _row(line: int, values: Any, languages: frozenset[str]) -> ImportRow:
    if isinstance(values, Rejected):
        raise values
    if not isinstance(values, dict):
        raise Rejected("not an object with id, title, body and lang")
    for name in COLUMNS:
        if not isinstance(values.get(name), str) or not values[name].strip():
            raise Rejected(f"no {name}")
        if "\0" in values[name] or any("\ud800" <= c <= "\udfff" for c in values[name]):
            raise Rejected(f"{name} holds bytes that are no text")
    row = ImportRow(
        line,
        values["id"].strip(),
        " ".join(values["title"].split()),
        values["body"].strip(),
        values["lang"].strip().lower(),
    )
    if row.lang not in languages:
        raise Rejected(f"unknown language {row.lang!r}")
    for name, longest in (("id", LONGEST_ID), ("title", LONGEST_TITLE), ("body", text.MAX_LENGTH)):
        if len(getattr(row, name)) > longest:
            raise Rejected(f"{name} has {len(getattr(row, name))} characters; at most {longest} fit")
    return row


class Import:
    """An import of one file. `topic` and `audience` are None unless somebody named one."""

    def __init__(
        self, *, by: Person | None, source: str, topic: str | None, audience: Iterable[str] | None, summary: Summary
    ) -> None:
        self.user = by and by.account
        self.source = source
        self.topic_name = topic
        self.asked_audience = audience is not None
        self.own_audience = Audience.objects.of(audiences.with_staff(audience or {audiences.EMPLOYEES}))
        self.summary = summary
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self._topics: dict[str, TopicPage] = {}
        self._effective: dict[tuple[int, int], Audience] = {}

    def run(self, rows: Iterator[ImportRow], progress: Callable[[Summary], None] = lambda summary: None) -> Summary:
        """Load all rows, each batch in a transaction of its own, then write the audit row."""
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic():
                self._load(batch)
            progress(self.summary)
        s = self.summary
        counts = {"created": s.created, "changed": s.changed, "unchanged": s.unchanged, "rejected": len(s.rejected)}
        asked = {"audience": sorted(self.own_audience.key_set)} if self.asked_audience else {}
        audit.record("kb.import_faqs", by=self.user, target=f"source:{self.source}", **counts, **asked)
        return s

    def _load(self, batch: list[ImportRow]) -> None:
        known = {
            faq.source_id: faq
            for faq in Faq.objects.filter(source=self.source, source_id__in=[row.id for row in batch])
            .select_related("topic", "own_audience", "audience")
            .select_for_update(of=("self",))
        }
        new = [self._fill(Faq(created=timezone.now()), row) for row in batch if row.id not in known]
        changed = [
            self._fill(known[row.id], row) for row in batch if row.id in known and self._differs(known[row.id], row)
        ]
        Faq.objects.bulk_create(new)
        self._revise([*new, *changed])
        self.summary.created += len(new)
        self.summary.changed += len(changed)
        self.summary.unchanged += len(batch) - len(new) - len(changed)

    def _differs(self, faq: Faq, row: ImportRow) -> bool:
        return (
            faq.source_digest != row.digest
            or (self.asked_audience and faq.own_audience_id != self.own_audience.pk)
            or (self.topic_name is not None and faq.topic_id != self.topic(row.lang).pk)
        )

    def _fill(self, faq: Faq, row: ImportRow) -> Faq:
        now = timezone.now()
        if faq.source_digest != row.digest:
            faq.question, faq.answer, faq.answer_html = row.title, row.body, text.render(row.body)
            faq.source, faq.source_id, faq.source_digest = self.source, row.id, row.digest
        moved = faq.locale_id != self.locales[row.lang].pk
        faq.locale = self.locales[row.lang]
        if moved or self.topic_name is not None or not faq.topic_id:
            faq.topic = self.topic(row.lang)
        if self.asked_audience or faq.pk is None:
            faq.own_audience = self.own_audience
        if faq.pk and not self.asked_audience and new_readers(self._narrowed(faq).key_set, faq.audience.key_set):
            faq.own_audience = faq.audience  # another topic must not add readers that nobody asked for
        faq.audience = self._narrowed(faq)
        faq.live, faq.has_unpublished_changes = True, False
        faq.first_published_at = faq.first_published_at or now
        faq.last_published_at = now
        return faq

    def _narrowed(self, faq: Faq) -> Audience:
        own = faq.own_audience or staff_only()
        key = (faq.topic_id, own.pk)
        if key not in self._effective:
            self._effective[key] = faq.topic.narrowed_faq(own)
        return self._effective[key]

    def _revise(self, faqs: list[Faq]) -> None:
        """Write a revision for each FAQ as its latest and live one, then the rows, and have them reindexed."""
        kind = ContentType.objects.get_for_model(Faq)
        revisions = Revision.objects.bulk_create(
            Revision(
                content_type=kind,
                base_content_type=kind,
                object_id=str(faq.pk),
                object_str=str(faq),
                created_at=faq.last_published_at,
                user=self.user,
                content=faq.serializable_data(),
            )
            for faq in faqs
        )
        for faq, revision in zip(faqs, revisions, strict=True):
            faq.latest_revision = faq.live_revision = revision
        written = [
            "question", "answer", "answer_html", "locale", "topic", "own_audience", "audience", "source_digest", "live",
            "has_unpublished_changes", "first_published_at", "last_published_at", "latest_revision", "live_revision",
        ]  # fmt: skip
        Faq.objects.bulk_update(faqs, written, batch_size=100)
        enqueue_documents(*(f"faq:{faq.pk}" for faq in faqs), bulk=True)

    def topic(self, language: str) -> TopicPage:
        """Return the topic for a language, by slug or title. Create it below the list of all topics if missing."""
        if language not in self._topics:
            locale = self.locales[language]
            with translation.override(language):
                name = self.topic_name or _("Imported")
            pages = TopicPage.objects.filter(locale=locale, depth__gt=3)
            page = pages.filter(slug=name).first() or pages.filter(title=name).first()
            self._topics[language] = page or self._make_topic(name, locale)
        return self._topics[language]

    def _make_topic(self, name: str, locale: Locale) -> TopicPage:
        # Open to everyone, so that the imported FAQs get exactly the audience that was asked for.
        page = TopicPage(
            title=name,
            locale=locale,
            icon="inbox-arrow-down",
            own_audience=Audience.objects.of([audiences.PUBLIC]),
        )
        other = [topic for topic in self._topics.values() if topic.title in {name, "Imported", "Geïmporteerd"}]
        if other and not other[0].get_translation_or_none(locale):
            page.translation_key = other[0].translation_key
        TopicPage.objects.get(depth=3, locale=locale).add_child(instance=page)
        page.save_revision().publish()
        return page
