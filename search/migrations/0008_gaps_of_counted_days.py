"""Queries that were asked in vain before gaps were kept."""

from typing import Any

from django.db import migrations
from django.db.models import Min


def keep(apps: Any, _editor: Any) -> None:
    """One gap for each query of a counted day."""
    days, gaps = apps.get_model("search", "QueryFigures"), apps.get_model("search", "Gap")
    found = days.objects.filter(gaps__gt=0, gap=None).order_by().values("language", "text").annotate(first=Min("day"))
    for row in found.iterator():
        gap = gaps.objects.create(language=row["language"], text=row["text"], since=row["first"])
        days.objects.filter(gaps__gt=0, language=gap.language, text=gap.text).update(gap=gap)


class Migration(migrations.Migration):

    dependencies = [
        ("search", "0007_gaps"),
    ]

    operations = [
        migrations.RunPython(keep, migrations.RunPython.noop, elidable=True),
    ]
