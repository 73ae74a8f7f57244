"""After a test that commits, the database of tests is again what the template was."""

import pytest
from django.db import connection, transaction
from wagtail.models import Site

from accounts.models import User
from accounts.roles import Role
from tests.database import SEQUENCES, SHAPE, TABLES, PostgresCopies
from tests.people import make_people

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def copies() -> PostgresCopies:
    """The database in use, with a way to put it back."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    copies = PostgresCopies()
    copies.restore()  # knows no rows yet, so this is a whole copy
    return copies


def contents() -> dict[str, list[str]]:
    """Every row of every table as text, and every sequence."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found = {}
        for table, _columns in cursor.fetchall():
            cursor.execute(f"select t::text from {table} t order by 1")
            found[table] = [row for (row,) in cursor.fetchall()]
        cursor.execute(SEQUENCES)
        return found | {"sequences": sorted(str(row) for row in cursor.fetchall())}


def test_rows_are_put_back(copies: PostgresCopies) -> None:
    before = contents()
    make_people()
    User.objects.filter(role_grants__role=Role.AGENT).update(name="Anders")
    Site.objects.all().delete()
    assert contents() != before
    copies.restore()
    after = contents()
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def test_a_change_of_more_than_rows_is_noticed() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    with connection.cursor() as cursor:

        def shape() -> object:
            cursor.execute(SHAPE)
            return cursor.fetchone()

        before, missed = shape(), []
        cursor.execute("select indexname from pg_indexes where indexdef like 'CREATE INDEX%' order by 1 limit 1")
        (index,) = cursor.fetchone()
        for change in (
            "alter table accounts_user add column spare int",
            "alter table accounts_user alter column name drop not null",
            f"drop index {index}",
            "create table spare ()",
            "drop trigger search_dirty_told on search_outboxentry",
            "alter table search_outboxentry add constraint spare check (true)",
        ):
            with transaction.atomic():
                cursor.execute(change)
                if shape() == before:
                    missed.append(change)
                transaction.set_rollback(True)
        assert missed == []
        assert shape() == before


def test_what_changed_more_than_rows_is_copied_anew(copies: PostgresCopies) -> None:
    first = copies.rows
    copies.restore()
    assert copies.rows is first, "nothing changed, and the whole database was copied"
    with connection.cursor() as cursor:
        cursor.execute("create table spare ()")
    copies.restore()
    assert copies.rows is not first, "a table was added, and only rows were put back"
    assert first is not None and copies.rows is not None and copies.rows.shape == first.shape
