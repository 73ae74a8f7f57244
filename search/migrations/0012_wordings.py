"""Gaps in nearly the same words become one."""

from typing import Any

from django.db import migrations, models

from search.language.wording import words

SETTLED = ["hidden", "answered", "open"]  # what was settled stays so


def join(apps: Any, _editor: Any) -> None:
    """Keep one gap for each set of words, with the days of all."""
    gaps, days = apps.get_model("search", "Gap"), apps.get_model("search", "QueryFigures")
    kept: dict[tuple[str, str], Any] = {}
    for gap in sorted(gaps.objects.all(), key=lambda each: (SETTLED.index(each.state), each.pk)):
        first = kept.setdefault((gap.language, words(gap.text, gap.language)), gap)
        if first is not gap:
            days.objects.filter(gap=gap).update(gap=first)
            gap.delete()
    for (_language, said), gap in kept.items():
        gaps.objects.filter(pk=gap.pk).update(words=said)


class Migration(migrations.Migration):

    dependencies = [
        ("search", "0011_wish_outcome"),
    ]

    operations = [
        migrations.AddField(
            model_name="gap",
            name="words",
            field=models.CharField(default="", max_length=250),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="gap", name="search_gap_once"),
        migrations.RunPython(join, migrations.RunPython.noop, elidable=True),
    ]
