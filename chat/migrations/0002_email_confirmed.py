"""Whether the asker's address was confirmed, and pages that questions came from: only those of this site."""

from django.db import migrations, models

from web.addresses import local_url


def keep_local_pages(apps, schema_editor):
    """Empty what is no path on this site."""
    conversations = apps.get_model("chat", "Conversation").objects.exclude(page_url="")
    for pk, url in conversations.values_list("pk", "page_url").iterator():
        if not local_url(url, longest=500):
            conversations.filter(pk=pk).update(page_url="")


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.AddField("conversation", "email_confirmed", models.BooleanField(default=False)),
        migrations.RunPython(keep_local_pages, migrations.RunPython.noop, elidable=True),
    ]
