"""The rows of the told stories as COPY writes them in binary: each field's bytes, or nothing."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
Fields = tuple[bytes | None, ...]
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
IN_TEXT = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ID_BYTES, ID_LETTERS = 16, 36
_ARRAY_HEAD = struct.Struct(">iiiii")
_ARRAY_OF_IDS = 2950
# Of the frame, not of the region: lists of codes, what ran, and what counts on by itself.
_LEFT_OUT = (
    "django_",
    "auth_",
    "procrastinate_",
    "people_municipality",
    "cases_casenumber",
    "audit_chainhead",
)
_COLUMNS = """
SELECT a.attname, a.atttypid::regtype::text, a.attidentity <> '' FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
"""


@dataclass
class Table:
    """One table that holds something: its columns, the key of its rows, and the rows."""

    name: str
    columns: list[str]
    types: list[str]
    counted: str = ""
    rows: list[Fields] = field(default_factory=list)

    def at(self, column: str) -> int:
        """Where a column stands in a row; -1 where there is none of this name."""
        return self.columns.index(column) if column in self.columns else -1


def tables(connection: Connection) -> list[Table]:
    """Every table that holds rows of the region, with all of them."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    found = [_table(connection, name) for (name,) in names.fetchall() if not str(name).startswith(_LEFT_OUT)]
    return [table for table in found if table.rows]


def _table(connection: Connection, name: str) -> Table:
    columns = connection.execute(_COLUMNS, [name]).fetchall()
    table = Table(name, [row[0] for row in columns], [row[1] for row in columns])
    table.counted = next((row[0] for row in columns if row[2]), "")
    order = " ORDER BY at, id" if name == "audit_event" else ""
    query = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(name), sql.SQL(order)
    )
    with connection.cursor().copy(query) as copied:
        table.rows = list(_rows(b"".join(bytes(piece) for piece in copied)))
    return table


def _rows(data: bytes) -> Iterator[Fields]:
    place = len(HEADER)
    while (width := struct.unpack_from(">h", data, place)[0]) >= 0:
        place += 2
        fields: list[bytes | None] = []
        for _column in range(width):
            length = struct.unpack_from(">i", data, place)[0]
            place += 4
            fields.append(None if length < 0 else data[place : place + length])
            place += max(length, 0)
        yield tuple(fields)


def ids(kind: str, value: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """The ids in one field of a type: where each begins, its sixteen bytes, and whether it is written as text."""
    if kind == "uuid":
        yield 0, value, False
    elif kind == "uuid[]":
        yield from _in_array(value)
    elif kind in {"text", "jsonb"} or kind.startswith("character varying"):
        for found in IN_TEXT.finditer(value):
            yield found.start(), bytes.fromhex(found[0].replace(b"-", b"").decode()), True


def _in_array(value: bytes) -> Iterator[tuple[int, bytes, bool]]:
    if len(value) >= _ARRAY_HEAD.size:
        for place in range(_ARRAY_HEAD.size + 4, len(value), ID_BYTES + 4):
            yield place, value[place : place + ID_BYTES], False
