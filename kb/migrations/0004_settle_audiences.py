from django.db import migrations

from kb.migrations._settling import Settling


def settle(apps, _schema_editor):
    settling = Settling(apps)
    article = apps.get_model("kb", "ArticlePage")
    models = [apps.get_model("kb", "HomePage"), apps.get_model("kb", "TopicPage"), article]
    settling.pages(models, search_kinds=[(article, "article")])
    settling.below(apps.get_model("kb", "Faq"), "topic", {"staff"}, "faq")


class Migration(migrations.Migration):

    dependencies = [
        ("kb", "0003_faq_source_digest"),
        ("accounts", "0004_names"),
        ("search", "0014_names"),
    ]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop, elidable=True)]
