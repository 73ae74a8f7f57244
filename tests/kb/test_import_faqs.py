"""The command `import_faqs`."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import audiences
from accounts.models import AuditEvent
from kb.documents import FaqSource
from kb.models import Faq, TopicPage
from search.models import OutboxEntry

pytestmark = pytest.mark.django_db


def run(path: Path, *arguments: str) -> tuple[str, str]:
    """Return standard output and error of the command."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_faqs", str(path), *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def row(pk: str, **changes: object) -> dict[str, object]:
    """Return a valid row."""
    return {"id": pk, "title": f"Vraag {pk}?", "body": "Een **antwoord**.", "lang": "nl", **changes}


def write(tmp_path: Path, *rows: object) -> Path:
    """Return a JSON Lines file in a folder named "helpdesk". Strings are written to it unchanged."""
    folder = tmp_path / "helpdesk"
    folder.mkdir(exist_ok=True)
    path = folder / "docs.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n")
    return path


def test_rows_become_published_faqs_once(tmp_path: Path) -> None:
    path = write(tmp_path, row("a"), row("b", lang="en", title="A question?"))
    out, _err = run(path)
    assert "2 created, 0 changed, 0 unchanged, 0 rejected, from helpdesk" in out
    faq = Faq.objects.get(source="helpdesk", source_id="a")
    assert faq.live
    assert faq.answer_html == "<p>Een <strong>antwoord</strong>.</p>\n"
    assert faq.audience.key_set == {audiences.EMPLOYEES, audiences.STAFF}
    assert faq.topic.title == "Geïmporteerd"
    assert faq.topic.live_revision_id and not faq.topic.has_unpublished_changes
    assert faq.latest_revision.as_object().question == faq.question
    assert faq.live_revision_id == faq.latest_revision_id
    english = Faq.objects.get(source_id="b")
    assert english.topic.title == "Imported"
    assert english.topic.get_translations().get().pk == faq.topic_id
    assert OutboxEntry.objects.filter(key=f"faq:{faq.pk}").count() == 1
    assert FaqSource().to_document(FaqSource().queryset().get(pk=faq.pk)).title == "Vraag a?"
    assert "0 created, 0 changed, 2 unchanged" in run(path)[0]
    assert faq.revisions.count() == 1
    assert TopicPage.objects.filter(title="Geïmporteerd").count() == 1
    event = AuditEvent.objects.filter(event="kb.import_faqs").first()
    assert event.details == {"created": 0, "changed": 0, "unchanged": 2, "rejected": 0}


def test_a_changed_row_changes_its_faq_and_curators_work_stays_otherwise(tmp_path: Path) -> None:
    run(write(tmp_path, row("a"), row("b")))
    improved = Faq.objects.get(source_id="b")
    improved.answer = "Beter gezegd."
    improved.save_revision().publish()
    out, _err = run(write(tmp_path, row("a", body="Nieuw."), row("b")))
    assert "0 created, 1 changed, 1 unchanged" in out
    changed = Faq.objects.get(source_id="a")
    assert changed.answer_html == "<p>Nieuw.</p>\n"
    assert changed.revisions.count() == 2
    assert Faq.objects.get(source_id="b").answer == "Beter gezegd."


def test_each_bad_row_is_named_and_the_good_ones_land(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        row("a"),
        "{no json",
        "[1]",
        row(""),
        row("c", title="x" * 256),
        row("d", lang="fy"),
        row("e", body="x" * 20_001),
        row("a", title="Nog eens?"),
        "",
        row("f", title=5),
        row("g", body="nul \0"),
        row("z"),
    )
    out, err = run(path)
    assert "2 created" in out
    assert "9 rejected" in out
    for line, why in {
        2: "no JSON", 3: "not an object", 4: "no id", 5: "title has 256", 6: "unknown language 'fy'",
        7: "body has 20001", 8: "stands on line 1 already", 10: "no title", 11: "no text",
    }.items():  # fmt: skip
        assert any(f"{path}:{line}: rejected: " in text and why in text for text in err.splitlines()), line
    assert set(Faq.objects.values_list("source_id", flat=True)) == {"a", "z"}


def test_csv_with_lines_inside_cells(tmp_path: Path) -> None:
    path = tmp_path / "vragen.csv"
    path.write_text(
        'id,title,body,lang\n1,Eerste?,"Regel een,\nregel twee",nl\n2,,leeg,nl\n3,Derde?,kort\n4,Vierde?,ja,nl\n',
        encoding="utf-8-sig",
    )
    out, err = run(path, "--source", "csv")
    assert "2 created" in out
    assert f"{path}:4: rejected: no title" in err
    assert f"{path}:5: rejected: no lang" in err
    assert Faq.objects.get(source_id="1").answer == "Regel een,\nregel twee"
    bad = tmp_path / "bad.csv"
    bad.write_text("id,title\n1,x\n")
    with pytest.raises(CommandError, match="body, lang"):
        run(bad)


def test_topic_and_audience_can_be_chosen_also_later(tmp_path: Path) -> None:
    path = write(tmp_path, row("a"))
    run(path)
    run(path, "--topic", "Handboek", "--audience", "public")
    faq = Faq.objects.get(source_id="a")
    assert (faq.topic.title, faq.audience.key_set) == ("Handboek", {audiences.PUBLIC})
    for wrong in ("everyone", "team:nobody"):
        with pytest.raises(CommandError):
            run(path, "--audience", wrong)
    with pytest.raises(CommandError):
        run(tmp_path / "missing.jsonl")
