from django.db import migrations

from kb.migrations._settling import Settling


def settle(apps, _schema_editor):
    settling = Settling(apps)
    models = [apps.get_model("community", name) for name in ("CommunityIndexPage", "SpacePage")]
    settling.pages(models, above=[apps.get_model("kb", "HomePage")])
    settling.below(apps.get_model("community", "Question"), "space", None, "question")


class Migration(migrations.Migration):

    dependencies = [
        ("community", "0003_no_views"),
        ("kb", "0004_settle_audiences"),
    ]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop, elidable=True)]
