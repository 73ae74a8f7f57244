"""FAQs and articles as search documents."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Length, Substr
from django.db.models.signals import post_delete, post_save
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from kb.addresses import page_url, path_url
from kb.models import ArticlePage, AudiencePageQuerySet, Faq, TopicPage
from kb.models.faq import faq_url
from kb.models.faq_access import FaqQuerySet
from kb.models.pages import LIST_OF_TOPICS
from kb.typed_links import without_addresses
from markup.clean import clean_html, html_to_text
from markup.text import MAX_LENGTH, plain, render
from search.sources import Document, Source, SourceAnswer, Title
from web.http import Viewer
from web.ttl_cache import TTLCache

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # of a page that went live without being published
FRESH = 5.0  # seconds until other processes see a topic's new title


def _tags(text: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())


# An FAQ and its topic have some eighty columns; reading all of them costs more than running a search.
_FAQ_FIELDS = (
    "question", "answer_html", "tags", "created", "last_published_at", "verified_at", "verified_by", "helpful_count",
    "translation_key", "locale__language_code", "audience__text", "topic__translation_key", "topic__title",
    "topic__depth",
)  # fmt: skip


class FaqSource(Source):
    """Published FAQs."""

    kind = "faq"
    label = _("FAQ")
    model = Faq
    url_names = ("kb:faq", "kb:faq_short")

    def queryset(self) -> FaqQuerySet:
        """Return published FAQs with topic, language and audience, and only the columns that are needed."""
        return Faq.objects.published().select_related("topic", "locale", "audience").only(*_FAQ_FIELDS)

    def visible_to(self, viewer: Viewer) -> QuerySet[Faq]:
        """Return those that the viewer may read."""
        return self.queryset().in_audience(viewer)

    def to_document(self, obj: Faq) -> Document:
        """Return question and answer as a document."""
        topic, topic_title = obj.topic.subject
        return Document(
            key=self.key(obj.pk),
            kind=self.kind,
            title=obj.question,
            body=without_addresses(html_to_text(obj.answer_html)),
            url=obj.get_absolute_url(),
            audience=obj.audience.key_set,
            language=obj.language,
            translation_key=str(obj.translation_key),
            tags=obj.tag_list,
            topic=topic,
            topic_title=topic_title,
            created=obj.created,
            updated=obj.last_published_at or obj.created,
            verified=obj.verified_at is not None,
            helpful=obj.helpful_count,
        )

    def titles(self, rows: QuerySet[Faq]) -> dict[str, Title]:
        """Return questions without their answers."""
        wanted = ("pk", "question", "locale__language_code", "topic__title", "topic__depth")
        return {
            str(pk): Title(text, faq_url(pk, text, code), code, topic if depth > LIST_OF_TOPICS else "")
            for pk, text, code, topic, depth in rows.order_by().values_list(*wanted)
        }

    def answer(self, obj: Faq) -> SourceAnswer | None:
        """Return the answer."""
        return _answer(obj, self.kind, [SafeString(obj.answer_html)])

    def translations(self, obj: Faq) -> list[str]:
        """Return the keys of the FAQ in other languages."""
        others = Faq.objects.filter(translation_key=obj.translation_key).exclude(pk=obj.pk)
        return [self.key(pk) for pk in others.values_list("pk", flat=True)]


class ArticleSource(Source):
    """Published articles."""

    kind = "article"
    label = _("article")
    model = ArticlePage

    def queryset(self) -> AudiencePageQuerySet:
        """Return published articles with language, audience, and the topic above (`topic_key`, `topic_title`)."""
        return ArticlePage.objects.published().select_related("locale", "audience").annotate(**_topic_above())

    def visible_to(self, viewer: Viewer) -> QuerySet[ArticlePage]:
        """Return those that the viewer may read."""
        return self.queryset().in_audience(viewer)

    def to_document(self, obj: ArticlePage) -> Document:
        """Return title, summary and the text of all blocks as a document."""
        return Document(
            key=self.key(obj.pk),
            kind=self.kind,
            title=obj.title,
            body=f"{obj.summary}\n{body_text(obj)}".strip(),
            url=page_url(obj),
            audience=obj.audience.key_set,
            language=obj.locale.language_code,
            translation_key=str(obj.translation_key),
            tags=_tags(obj.tags),
            topic=str(getattr(obj, "topic_key", "") or ""),
            topic_title=getattr(obj, "topic_title", "") or "",
            created=obj.first_published_at or UNKNOWN,
            updated=obj.last_published_at or obj.first_published_at or UNKNOWN,
            verified=obj.verified_at is not None,
            helpful=obj.helpful_count,
        )

    def pk_at(self, path: str) -> str:
        """Return the primary key of the article at an address, "" if there is none."""
        language, _slash, rest = path.strip("/").partition("/")
        pages = ArticlePage.objects.filter(locale__language_code=language, url_path__endswith=f"/{rest}/")
        found = [page for page in pages.select_related("locale") if page_url(page) == f"/{language}/{rest}/"]
        return str(found[0].pk) if rest and found else ""

    def titles(self, rows: QuerySet[ArticlePage]) -> dict[str, Title]:
        """Return titles without the texts."""
        wanted = ("pk", "title", "url_path", "locale__language_code", "topic_title")
        found = rows.order_by().values_list(*wanted)
        return {
            str(pk): Title(title, path_url(path, code), code, topic or "") for pk, title, path, code, topic in found
        }

    def answer(self, obj: ArticlePage) -> SourceAnswer | None:
        """Return the summary with the first block, then each block of running text or steps."""
        parts = [html for block in obj.body.raw_data if (html := _part_html(block["type"], block["value"]))]
        summary = SafeString(f"<p>{escape(obj.summary)}</p>") if obj.summary else SafeString("")
        parts = [SafeString(summary + parts[0]), *parts[1:]] if parts else [summary] if summary else []
        return _answer(obj, self.kind, parts) if parts else None

    def translations(self, obj: ArticlePage) -> list[str]:
        """Return the keys of the article in other languages."""
        others = ArticlePage.objects.filter(translation_key=obj.translation_key).exclude(pk=obj.pk)
        return [self.key(pk) for pk in others.values_list("pk", flat=True)]


def _answer(obj: Faq | ArticlePage, kind: str, parts: list[SafeString]) -> SourceAnswer:
    by = obj.verified_by.label if obj.verified_by else ""
    return SourceAnswer(parts, obj.verified_at, by, reverse("kb:feedback", args=[kind, obj.pk]))


def _part_html(kind: str, value: Any) -> SafeString:
    """Return a block as clean HTML, "" for a block that is no text for every reader of the article."""
    if kind == "markdown":
        return render(value) if len(value) <= MAX_LENGTH else SafeString("")
    if kind == "text":
        return clean_html(value)
    if kind == "callout":
        return clean_html(value["text"])
    if kind == "steps":
        steps = [item["value"] if "value" in item else item for item in value]
        items = "".join(f"<li><p>{escape(s.get('title', ''))}</p>{clean_html(s.get('text') or '')}</li>" for s in steps)
        return SafeString(f"<ol>{items}</ol>")
    return SafeString("")


def _topic_above() -> dict[str, Any]:
    parent_path = Substr(OuterRef("path"), 1, Length(OuterRef("path")) - Page.steplen)
    above = TopicPage.objects.filter(path=parent_path, depth__gt=LIST_OF_TOPICS)
    return {
        "topic_key": Subquery(above.values("translation_key")[:1]),
        "topic_title": Subquery(above.values("title")[:1]),
    }


def body_text(page: ArticlePage) -> str:
    """Return the text of an article. Pictures, documents and embedded FAQs are left out: they have audiences of their
    own."""
    return "\n".join(text for block in page.body.raw_data for text in _words(block["type"], block["value"]) if text)


def _words(kind: str, value: Any) -> list[str]:
    if kind == "markdown":
        return [without_addresses(plain(value))]
    if kind == "text":
        return [html_to_text(value)]
    if kind == "callout":
        return [html_to_text(value["text"])]
    if kind == "table":
        return [value.get("caption", ""), value["rows"].replace("|", " ")]
    if kind == "steps":
        steps = [item["value"] if "value" in item else item for item in value]
        return [f"{step.get('title', '')}\n{html_to_text(step.get('text') or '')}" for step in steps]
    return []


def connect() -> None:
    """Read the titles of topics anew once a topic changed."""
    for signal in (post_save, post_delete):
        signal.connect(forget_topics, sender=TopicPage, dispatch_uid="kb.documents.forget_topics")


def topic_titles(keys: Iterable[str], language: str, viewer: Viewer) -> dict[str, str]:
    """Return the titles of topics that the viewer sees by translation key, if possible in the given language."""
    titles, found = titles_of_topics(), {}
    for key in keys:
        seen = {code: title for code, (title, readers) in titles.get(key, {}).items() if readers & viewer.keys}
        if seen:
            found[key] = seen.get(language) or next(iter(seen.values()))
    return found


def _read_titles() -> dict[str, dict[str, tuple[str, frozenset[str]]]]:
    """Return titles of topics and who may see them, by key and language. Every results page shows about a dozen, and
    they rarely change."""
    rows = TopicPage.objects.live().filter(depth__gt=LIST_OF_TOPICS).order_by()
    titles: dict[str, dict[str, tuple[str, frozenset[str]]]] = {}
    columns = ("translation_key", "title", "locale__language_code", "audience__text")
    for key, title, language, readers in rows.values_list(*columns):
        titles.setdefault(str(key), {})[language] = title, frozenset(readers.split())
    return titles


titles_of_topics = TTLCache(_read_titles, FRESH)


def forget_topics(**_signal: Any) -> None:
    """Clear the cached titles after a topic was saved or deleted in this process."""
    titles_of_topics.clear()
