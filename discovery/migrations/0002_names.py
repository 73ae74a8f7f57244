"""Give three models the field's names. Their rows stay, and with them content types, permissions and audit targets."""

from django.db import migrations, models

RENAMED = {
    "dayfigures": "dailyfigures",
    "queryfigures": "dailyqueryfigures",
    "goodquery": "suggestedquery",
    "sharealert": "zeroresultalert",
}


def _rename(apps, names):
    """Rename the models in the rows that mention them by name.

    Django renames content types after `RenameModel`, but only where its own signal handlers run; not permissions.
    """
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    events = apps.get_model("accounts", "AuditEvent").objects
    for old, new in names.items():
        content_types.filter(app_label="discovery", model=old).update(model=new)
        for permission in permissions.filter(
            content_type__app_label="discovery", content_type__model=new, codename__endswith=f"_{old}"
        ):
            permissions.filter(pk=permission.pk).update(codename=permission.codename.removesuffix(old) + new)
        before = f"discovery.{old}:"
        for pk, target in events.filter(target__startswith=before).values_list("pk", "target").iterator():
            events.filter(pk=pk).update(target=f"discovery.{new}:{target.removeprefix(before)}")


def rename_references(apps, schema_editor):
    _rename(apps, RENAMED)


def restore_references(apps, schema_editor):
    _rename(apps, {new: old for old, new in RENAMED.items()})


class Migration(migrations.Migration):
    dependencies = [("discovery", "0001_initial")]

    operations = [
        migrations.RenameModel("DayFigures", "DailyFigures"),
        migrations.RenameModel("QueryFigures", "DailyQueryFigures"),
        migrations.RenameModel("GoodQuery", "SuggestedQuery"),
        migrations.RenameModel("ShareAlert", "ZeroResultAlert"),
        migrations.AlterModelOptions(
            "searchalert",
            {
                "ordering": ["-created", "-pk"],
                "verbose_name": "search alert",
                "verbose_name_plural": "search alerts",
            },
        ),
        migrations.AlterField(
            "loggedsearch",
            "outcome",
            models.CharField(
                blank=True,
                choices=[
                    ("", "—"),
                    ("chat", "a chat"),
                    ("question", "a question in the community"),
                    ("wish", "a search alert"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.RunPython(rename_references, restore_references),
    ]
