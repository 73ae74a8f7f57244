"""A task that waits is found by the path of its function, which is another one now."""

from django.db import migrations

RENAMED = {"chat.telling.tell_unless_seen": "chat.notices.tell_unless_seen"}


def _rename(apps, names):
    for before, after in names.items():
        apps.get_model("django_tasks_database", "DBTaskResult").objects.filter(task_path=before).update(task_path=after)


def rename(apps, schema_editor):
    _rename(apps, RENAMED)


def restore(apps, schema_editor):
    _rename(apps, {after: before for before, after in RENAMED.items()})


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_email_confirmed"), ("django_tasks_database", "0001_initial")]

    operations = [migrations.RunPython(rename, restore)]
