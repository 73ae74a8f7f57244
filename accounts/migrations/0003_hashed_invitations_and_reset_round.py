"""Invitations keep a hash of their token: links that were mailed go on working. Going back ends them."""

import hashlib

from django.db import migrations, models


def hash_tokens(apps, schema_editor):
    invitations = apps.get_model("accounts", "Invitation").objects.using(schema_editor.connection.alias)
    for pk, token in list(invitations.values_list("pk", "token_hash")):
        invitations.filter(pk=pk).update(token_hash=hashlib.sha256(token.encode()).hexdigest())


def shorten(apps, schema_editor):
    invitations = apps.get_model("accounts", "Invitation").objects.using(schema_editor.connection.alias)
    for pk, token in list(invitations.values_list("pk", "token_hash")):
        invitations.filter(pk=pk).update(token_hash=token[:40])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_searches_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="reset_round",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RenameField(model_name="invitation", old_name="token", new_name="token_hash"),
        migrations.AlterField(
            model_name="invitation",
            name="token_hash",
            field=models.CharField(editable=False, max_length=64, unique=True),
        ),
        migrations.RunPython(hash_tokens, shorten),
    ]
