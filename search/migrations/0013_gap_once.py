"""Apart from the joining of gaps: PostgreSQL alters no table whose changed rows it still has to check."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("search", "0012_wordings"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="gap",
            constraint=models.UniqueConstraint(fields=("words", "language"), name="search_gap_once"),
        ),
    ]
