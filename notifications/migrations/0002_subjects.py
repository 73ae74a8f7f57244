"""Which rows a notification speaks of; for those that are there already, read from their key and address."""

import re

import django.db.models.deletion
from django.db import migrations, models

KINDS = ("question", "answer", "faq", "article", "conversation")
FAQ, ANSWER = re.compile(r"/faq/(\d{1,18})-"), re.compile(r"#answer-(\d{1,18})$")


def of(event: str, key: str, url: str) -> set[tuple[str, int]]:
    """The rows that a stored notification speaks of."""
    kind, _colon, pk = key.partition(":")
    found = {(kind, int(pk))} if kind in KINDS and pk.isdecimal() else set()
    if event == "community.faq":
        found = {("faq", int(match[1])) for match in [FAQ.search(url)] if match}
    if event.startswith("community.") and (match := ANSWER.search(url)):
        found.add(("answer", int(match[1])))
    return found


def add_subjects(apps, schema_editor):
    """In pieces; the bodies of "there is an answer" name documents that only their first key is known of."""
    notifications = apps.get_model("notifications", "Notification").objects
    subject = apps.get_model("notifications", "Subject")
    notifications.filter(event="search.answered").update(body="")
    notifications.filter(event="search.zero_results_high").update(body="")  # who may read it was not kept
    notifications.filter(event="community.faq").exclude(url__contains="/faq/").delete()
    made = []
    for row in notifications.values_list("pk", "event", "key", "url").iterator():
        pk, *rest = row
        made += [subject(notification_id=pk, kind=kind, row=number) for kind, number in of(*rest)]
        if len(made) > 1_000:
            subject.objects.bulk_create(made)
            made = []
    subject.objects.bulk_create(made)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("row", models.BigIntegerField()),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="notifications.notification",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["notification", "kind", "row"], name="subject_once")]
            },
        ),
        migrations.RunPython(add_subjects, migrations.RunPython.noop, elidable=True),
    ]
