from typing import Any

from django.db import migrations

TELL = """
create function search_dirty_told() returns trigger language plpgsql as $$
begin
    perform pg_notify('search_dirty', '');
    return null;
end $$;
create trigger search_dirty_told after insert on search_dirty
    for each statement execute function search_dirty_told();
"""
BACK = "drop trigger search_dirty_told on search_dirty; drop function search_dirty_told();"


def tell(apps: Any, schema_editor: Any) -> None:
    """PostgreSQL tells the indexer, wherever it runs, when a change is committed."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TELL)


def back(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BACK)


class Migration(migrations.Migration):
    dependencies = [("search", "0009_starter")]
    operations = [migrations.RunPython(tell, back)]
