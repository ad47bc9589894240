"""Every index is paid for at every write: none is kept that another one does the work of, or that nothing looks by."""

import pytest
from django.db import connection

from tests.cast import as_owner

# What rows are looked up by: the columns of each whole index, in their order.
INDEXES = """
SELECT c.relname, i.indisunique, ARRAY(
  SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND i.indpred IS NULL AND i.indexprs IS NULL
  AND c.relname ~ '^(cases|people)_'
"""


@pytest.fixture
def indexes(cast: object) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Each whole index of the rooms that grow most: its table, whether it holds something to be unique, its columns."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(INDEXES)
        return [(table, unique, tuple(columns)) for table, unique, columns in cursor.fetchall()]


def test_history_is_looked_up_by_the_row_it_is_the_history_of_and_by_nothing_else(
    indexes: list[tuple[str, bool, tuple[str, ...]]],
) -> None:
    history = {table for table, _unique, columns in indexes if columns == ("pgh_obj_id",)}
    assert {"cases_caseevent", "people_personevent"} <= history
    found = {(table, columns) for table, _unique, columns in indexes if table in history}
    assert found == {(table, columns) for table in history for columns in (("pgh_id",), ("pgh_obj_id",))}


def test_no_index_is_the_beginning_of_another(indexes: list[tuple[str, bool, tuple[str, ...]]]) -> None:
    assert len(indexes) > 60
    needless = {
        (table, columns)
        for table, unique, columns in indexes
        for other, _unique, longer in indexes
        if other == table and not unique and longer[: len(columns)] == columns and len(longer) > len(columns)
    }
    assert needless == set()
