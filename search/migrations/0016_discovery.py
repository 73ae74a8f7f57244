"""The query log, its figures, gaps and search alerts stand in the package `discovery` from now on.

Only the state changes here: discovery's first migration takes over the tables with their rows.
"""

from django.db import migrations

MOVED = (
    "Click",
    "DayFigures",
    "Fresh",
    "GoodQuery",
    "QueryFigures",
    "LoggedSearch",
    "Gap",
    "ShareAlert",
    "Wish",
)


class Migration(migrations.Migration):

    dependencies = [("search", "0015_bulk")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name) for name in MOVED]),
        migrations.RenameModel("Dirty", "OutboxEntry"),
        migrations.AlterModelOptions("outboxentry", options={"verbose_name_plural": "outbox entries"}),
    ]
