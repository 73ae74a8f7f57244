"""A shelf for tests of /cms/: rows of every kind that are not for the staff, each with MARKER in its title, beside
rows that are, and every address under /cms/ with both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.text import slugify
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Revision, TaskState, UploadedFile, WorkflowState

from accounts import audiences
from accounts.audiences import Person
from accounts.models import Audience, Circle, CircleMembership
from community import actions as community
from files.models import Attachment, Picture
from kb.models import ArticlePage, Faq
from tests.community.conftest import make_space
from tests.files.test_serving import picture_bytes
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.people import People

MARKER = "Zwaluwkruid"
SECRET = "Bloemknop"  # stands in every hidden title beside it, so that an answer may say what was asked for


@dataclass
class Rows:
    """One row of each kind, by the name of its model."""

    by_model: dict[str, Any] = field(default_factory=dict)

    def put(self, *rows: Any) -> None:
        """Add rows; the first of a kind is the example for addresses."""
        for row in rows:
            base = Page if isinstance(row, Page) else type(row)
            self.by_model.setdefault(base.__name__, row)

    def put_of_faq(self, faq: Faq, *rows: Any) -> None:
        """An FAQ with a draft and a review of its own, for its addresses."""
        self.by_model |= {f"FAQ's {type(row).__name__}": row for row in (faq, *rows)}


@dataclass
class World:
    """Who there is, and what is for them or not."""

    people: People
    hidden: Rows
    shown: Rows
    secret: list[Any]  # every row that is not for the staff


def make_files(title: str, audience: Audience | None, by: Any) -> list[Any]:
    """A picture and a document."""
    given = {"title": title, "audience": audience, "uploaded_by_user": by}
    return [
        Picture.objects.create(file=ContentFile(picture_bytes(), "foto.jpg"), **given),
        Attachment.objects.create(file=ContentFile(b"%PDF-1.4 x", "plan.pdf"), **given),
    ]


def _reviewed(row: Any, by: Any) -> list[Any]:
    """The row with a draft that waits for a review: the draft, the review and its step."""
    row.save_revision(user=by, log_action=True)
    state = row.get_workflow().start(row, by)
    return [row.latest_revision, state, state.current_task_state]


def make_world(people: People) -> World:
    """Hidden rows are for a circle of which only the owner is a member."""
    circle = Circle.objects.create(name="Kring", slug="t-cms")
    CircleMembership.objects.create(circle=circle, user=people.owner)
    closed = {audiences.circle(circle.pk)}
    everyone = {audiences.PUBLIC}
    topic = make_topic("Verlof", everyone)
    hidden, shown = Rows(), Rows()

    def fill(rows: Rows, keys: set[str], word: str, by: Any) -> list[Any]:
        inner = make_topic(f"{word} thema", keys, parent=topic)
        article, faq = make_article(f"{word} artikel", keys, topic), make_faq(f"{word} vraag?", keys, topic)
        draft = Faq(question=f"{word} concept", answer="Nog niet.", topic=topic, locale=topic.locale, live=False)
        draft.own_audience = Audience.objects.of(keys)
        draft.save()
        space = make_space(slugify(word), *keys)
        space.title = f"{word} ruimte"
        space.save()
        question = community.ask(by=Person(people.owner), space=space, title=f"{word} prikbord", body="", language="nl")
        redirect = Redirect.objects.create(old_path=f"/{slugify(word)}", redirect_page=article)
        upload = UploadedFile.objects.create(file=ContentFile(b"x", "x.jpg"), uploaded_by_user=by)
        works = _reviewed(article, by)
        rows.put_of_faq(draft, *(faq_works := _reviewed(draft, by)))
        Page.objects.filter(pk=article.pk).update(locked=True, locked_by=people.curator, locked_at=timezone.now())
        files = make_files(f"{word} bestand", Audience.objects.of(keys), by)
        rows.put(article, inner, faq, draft, space, redirect, upload, *works, *files)
        rows.by_model["parent"] = inner
        return [inner, article, faq, draft, space, question, redirect, *works, *faq_works, *files]

    secret = fill(hidden, closed, f"{MARKER} {SECRET}", people.owner)
    fill(shown, everyone, "Zichtbaar", people.curator)
    secret += make_files(f"{MARKER} {SECRET} los", None, people.owner)
    secret.append(_narrower_draft(people, topic, closed))
    return World(people, hidden, shown, secret)


def _narrower_draft(people: People, topic: Any, keys: set[str]) -> ArticlePage:
    page = make_article("Openbaar", {audiences.PUBLIC}, topic)
    page.title, page.own_audience = f"{MARKER} {SECRET} herzien", Audience.objects.of(keys)
    page.save_revision(user=people.owner, log_action=True)
    return ArticlePage.objects.get(pk=page.pk)


MODELS = {
    "page_id": Page, "parent_page_id": Page, "page_to_move_id": Page, "destination_id": Page, "page_pk": Page,
    "image_id": Picture, "document_id": Attachment, "doc_id": Attachment, "revision_id": Revision,
    "revision_id_a": Revision, "revision_id_b": Revision, "task_state_id": TaskState,
    "workflow_state_id": WorkflowState, "redirect_id": Redirect, "uploaded_file_id": UploadedFile,
}  # fmt: skip
PK = {
    "readers": Faq, "wagtailsnippets_kb_faq": Faq, "wagtailsnippetchoosers_kb_faq": Faq,
    "wagtailimages_chooser": Picture, "wagtaildocs_chooser": Attachment, "wagtailadmin_pages": Page,
    "wagtailadmin_api": Page,
}  # fmt: skip
OTHER = {
    "app_label": "kb", "model_name": "faq", "action": "delete", "content_type_app_name": "kb",
    "content_type_model_name": "articlepage", "app_name": "kb", "action_name": "approve", "task_id": 1,
    "session_id": 1, "filter_spec": "original", "kind": "synonyms", "uidb64": "x", "token": "x",
    "collection_id": 1, "workflow_pk": 1,
}  # fmt: skip


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every address under /cms/, with the name by which it is told (`web.cms`)."""

    def walk(resolver: URLResolver, spaces: list[str]) -> Iterator[tuple[str, URLPattern]]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from walk(each, [*spaces, each.namespace] if each.namespace else spaces)
            else:
                own = each.name or f"{each.callback.__module__}.{getattr(each.callback, '__qualname__', '')}"
                yield ":".join([*spaces, own]), each

    top = next(p for p in get_resolver().url_patterns if isinstance(p, URLResolver) and str(p.pattern) == "cms/")
    yield from walk(top, [])


def address(name: str, pattern: URLPattern, rows: Rows) -> tuple[str, bool]:
    """A path with these rows in it, and whether there are any."""
    values: dict[str, Any] = {}
    named = False
    for parameter in [*pattern.pattern.converters, *pattern.pattern.regex.groupindex]:
        model = MODELS.get(parameter) or (PK.get(name.split(":")[0]) if parameter == "pk" else None)
        if parameter == "object_id":
            model = Faq
        if parameter == "pk" and name == "simple_translation:submit_snippet_translation":
            model = Faq
        row = rows.by_model.get(model.__name__) if model else None
        if row is not None and name.startswith("wagtailsnippets_kb_faq"):
            row = rows.by_model.get(f"FAQ's {type(row).__name__}", row)
        if row is not None and parameter == "parent_page_id":
            row = rows.by_model["parent"]
        named = named or row is not None
        values[parameter] = row.pk if row is not None else OTHER.get(parameter, 1)
    if name == "wagtailadmin_pages:choose_parent":
        values["model_name"] = "articlepage"
    if "task_id" in values and rows.by_model:
        values["task_id"] = rows.by_model["TaskState"].task_id
    return reverse(name, kwargs=values), named
