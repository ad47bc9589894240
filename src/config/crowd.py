"""A region of any size for ``silta bench``: the demonstration's stories copied in the database, each with ids of its own.

Sixty stories are told by the real operations; a copy repeats all rows of a story under new ids. Every fourth copy has
units and workers of its own, so that a worker's caseload stays as large as in life. Only for a scratch database.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

COPIES_PER_BRANCH = 4
_STAFF = {"organisations_unit", "accounts_user", "access_membership"}
_COMMON = {"organisations_organisation", "people_municipality"}
_ROOMS = ("people_", "access_", "cases_")
_LEFT_OUT = ("event", "casenumber", "feedkey", "erasurerun", "draft", "municipality")
# Columns that hold ids without a foreign key, by what they point to.
_LOOSE = {"recorded_by": "staff", "recorded_by_unit": "staff", "subject_id": "story", "source_id": "story"}
_VALUES = {
    ("people_person", "identity_code"): "''",
    ("people_person", "no_code_reason"): "'not_known'",
    ("people_person", "last_name"): "t.last_name || '-' || k",
    ("people_person", "search_name"): "t.search_name || '-' || k",
    ("cases_case", "number"): "t.number || '-' || k",
    ("accounts_user", "email"): "b || '.' || t.email",
    ("organisations_unit", "name_fi"): "t.name_fi || ' ' || b",
}
_COLUMNS = """
SELECT a.attname, a.atttypid::regtype::text, f.confrelid::regclass::text
FROM pg_attribute a
LEFT JOIN pg_constraint f ON f.conrelid = a.attrelid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
"""


@dataclass(frozen=True)
class _Column:
    name: str
    type: str
    target: str | None


def multiply(superuser_url: str, *, copies: int) -> int:
    """Copies every story so many times; returns how many people there are then."""
    with psycopg.connect(superuser_url) as connection:
        # No triggers: history and the journal's chain are not what is measured, and foreign keys hold by construction.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for table in sorted(_STAFF):
            connection.execute(_copy(connection, table), {"first": 1, "last": copies // COPIES_PER_BRANCH})
        for table in _tables(connection):
            connection.execute(_copy(connection, table), {"first": 1, "last": copies})
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        found = connection.execute("SELECT count(*) FROM people_person").fetchone()
    return int(found[0]) if found else 0


def _tables(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    )
    for (name,) in rows.fetchall():
        table = str(name)
        if table.startswith(_ROOMS) and not table.endswith(_LEFT_OUT) and table not in _STAFF:
            yield table


def _copy(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> sql.Composed:
    columns = [
        _Column(str(n), str(t), str(f) if f else None) for n, t, f in connection.execute(_COLUMNS, [table])
    ]
    staff = table in _STAFF
    series = "k AS b" if staff else f"k / {COPIES_PER_BRANCH} AS b"
    return sql.SQL("INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, LATERAL (SELECT k, {series} FROM "
                   "generate_series(%(first)s::int, %(last)s::int) k) n").format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        values=sql.SQL(", ").join(sql.SQL(_value(table, column)) for column in columns),
        series=sql.SQL(series),
    )  # fmt: skip


def _value(table: str, column: _Column) -> str:
    name = f't."{column.name}"'
    if (table, column.name) in _VALUES:
        return _VALUES[table, column.name]
    if column.type != "uuid":
        return name
    points_to = _LOOSE.get(column.name) or _kind(table if column.name == "id" else column.target)
    if points_to == "staff":
        # The first branch is the demonstration's own, so that its well-known users have people too.
        return f"CASE WHEN b = 0 THEN {name} ELSE md5({name} || 'b' || b)::uuid END"
    return f"md5({name} || 'k' || k)::uuid" if points_to == "story" else name


def _kind(target: str | None) -> str:
    if target is None or target in _COMMON:
        return "common"
    return "staff" if target in _STAFF else "story"
