"""What the server says of a page's queries: the plans it keeps for them, and how much they read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

# A table from this many rows on grows with the region; the others are vocabularies that stay as they are.
LARGE = 1000

# Entries that indexes gave and rows that were read without one: what a page costs whatever the machine. What this session
# read is counted at once, and rows of the system's own tables are not.
_READ = """
SELECT (SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables)
     + (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes)
"""
_PREPARED = "SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements ORDER BY prepare_time, name"
_GROWING = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= %s"


@dataclass(frozen=True)
class Node:
    """One node of a plan: its kind, the table and the index it reads, and whether a condition narrows what it reads."""

    kind: str
    table: str = ""
    index: str = ""
    is_narrowed: bool = True


@dataclass(frozen=True)
class Plan:
    """The plan the server keeps for one query."""

    query: str
    nodes: tuple[Node, ...]

    def walked_through(self, large: set[str]) -> list[Node]:
        """The nodes that read a large table from end to end, by itself or along an index."""
        return [node for node in self.nodes if node.table in large and not node.is_narrowed]


def rows_read() -> int:
    """How much the server has read from tables and indexes until now, of everybody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_READ)
        return int(cursor.fetchone()[0])


def growing(least: int = LARGE) -> set[str]:
    """The tables of at least so many rows, as the server's own statistics tell."""
    with connection.cursor() as cursor:
        cursor.execute(_GROWING, [least])
        return {name for (name,) in cursor.fetchall()}


def prepared() -> list[Plan]:
    """The plans of the queries that this connection keeps prepared, as they are run: planned once for all values."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_PREPARED)
        for name, statement, parameters in cursor.fetchall():
            if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
                values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
                cursor.execute(f'EXPLAIN (FORMAT JSON) EXECUTE "{name}"{values}')
                found.append(Plan(statement, tuple(_nodes(cursor.fetchone()[0][0]["Plan"]))))
    return found


def _nodes(told: dict[str, Any], table: str = "") -> Iterator[Node]:
    kind = told["Node Type"]
    table = told.get("Relation Name", table)
    if "Scan" in kind and table:
        yield Node(kind, table, told.get("Index Name", ""), _is_narrowed(told))
    elif "Scan" not in kind:
        yield Node(kind)
    below = table if kind.startswith("Bitmap") else ""
    for plan in told.get("Plans", []):
        yield from _nodes(plan, below)


def _is_narrowed(told: dict[str, Any]) -> bool:
    """Whether an index's condition, or the scan of one below, narrows what is read."""
    if told["Node Type"] == "Bitmap Heap Scan":
        return True  # What lies below tells by itself.
    return "Index Cond" in told or "TID Cond" in told
