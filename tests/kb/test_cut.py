"""The cost of audience filters under /cms/, in SQL statements (seconds: benchmarks/cms.py)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Revision

from accounts import audiences
from accounts.models import Audience
from accounts.reader_access import _strange_references
from files.models import Picture
from kb.cms import held
from kb.models import Faq
from tests.kb.conftest import make_article, make_faq, make_topic
from tests.people import People
from web import scope

pytestmark = pytest.mark.django_db


def test_drafts_closed_to_somebody_are_left_out_however_many_there_are(people: People, monkeypatch) -> None:
    """Few keys are listed, many are queried: both find the same rows."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    rows = [make_article("Pagina", {audiences.PUBLIC}, topic), make_faq("Vraag?", {audiences.PUBLIC}, topic)]
    for row in rows:
        row.own_audience = Audience.objects.of({audiences.user(people.owner.pk)})
        row.save_revision()
    open_page, open_faq = make_article("Open", {audiences.PUBLIC}, topic), make_faq("Open?", {audiences.PUBLIC}, topic)
    for many in (200, 0):
        monkeypatch.setattr(held, "MANY", many)
        with scope.reading_as(scope.Reader(people.viewer("curator"))):
            found = set(Page.objects.values_list("pk", flat=True)), set(Faq.objects.values_list("pk", flat=True))
            revisions = set(Revision.objects.values_list("object_str", flat=True))
        assert {open_page.pk, rows[0].pk} & found[0] == {open_page.pk}, many
        assert {open_faq.pk, rows[1].pk} & found[1] == {open_faq.pk}, many
        assert "Open?" in revisions, many
        assert "Pagina" not in revisions, many


def test_a_draft_for_which_no_audience_was_chosen(people: People) -> None:
    """No choice means the audience of the page above; for an FAQ it means staff."""
    topic = make_topic("Verlof", {audiences.PUBLIC})
    page, faq = make_article("Pagina", {audiences.PUBLIC}, topic), make_faq("Vraag?", {audiences.PUBLIC}, topic)
    for row in (page, faq):
        row.own_audience = None
        row.save_revision()
    for name, sees_faq in (("curator", True), ("neighbour", False)):
        with scope.reading_as(scope.Reader(people.viewer(name))):
            assert scope.is_visible(Page, page.pk), name
            assert scope.is_visible(Revision, page.latest_revision.pk), name
            assert scope.is_visible(Faq, faq.pk) == sees_faq, name
            assert scope.is_visible(Revision, faq.latest_revision.pk) == sees_faq, name


def test_a_cut_is_put_together_once_and_sends_no_numbers_apart(people: People) -> None:
    """psycopg parses each statement for its parameters, which cost more than anything else under /cms/."""
    make_article("Open", {audiences.PUBLIC}, make_topic("Verlof", {audiences.PUBLIC}))
    with scope.reading_as(scope.Reader(people.viewer("curator"))):
        for model in (Page, Faq, Revision, Picture):
            list(model._default_manager.all())
            _sql, parameters = model._default_manager.all().query.sql_with_params()
            assert not [value for value in parameters if isinstance(value, int)], model
        with CaptureQueriesContext(connection) as sent:
            for _again in range(3):
                for model in (Page, Faq, Revision, Picture):
                    list(model._default_manager.values_list("pk"))
        assert len(sent) == 12, [query["sql"] for query in sent]


def test_what_a_text_names_is_asked_for_by_kind_not_one_by_one(people: People) -> None:
    topic = make_topic("Verlof", {audiences.PUBLIC})
    named = [make_article(f"Pagina {n}", {audiences.PUBLIC}, topic) for n in range(6)]
    hidden = make_article("Dicht", {audiences.user(people.owner.pk)}, topic)
    page = make_article("Lijst", {audiences.PUBLIC}, topic)

    def look(*pages: Page) -> tuple[int, set[str]]:
        text = "".join(f'<a linktype="page" id="{each.pk}">x</a>' for each in pages)
        page.body = page.body.stream_block.to_python([{"type": "text", "value": f"<p>{text}</p>"}])
        scope.set_reader(None, scope.Reader(people.viewer("curator")))
        try:
            with CaptureQueriesContext(connection) as sent:
                strange = _strange_references(page)
        finally:
            scope.set_reader(None)
        return len(sent), strange

    assert look(*named, hidden)[1] == {"body"}
    assert look(*named) == look(named[0])
