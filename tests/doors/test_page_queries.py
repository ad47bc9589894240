"""Every page asks a fixed number of queries, and the snapshot says which.

A line of the snapshot is one query: its verb and the tables it names, in their order. Then there comes more of everything
that pages list, and no page may ask more for it: that would be a query per row.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.test import Client
from syrupy.assertion import SnapshotAssertion

from tests.cast import Cast
from tests.doors.growth import grow
from tests.doors.routes import DOORS
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, knock

_TABLES = re.compile(r'(?:FROM|JOIN|INTO|UPDATE) "?([a-z]+_[a-z_]+)"?', re.IGNORECASE)
_FUNCTIONS = re.compile(r"silta_[a-z_]+(?=\()")


def shape(query: str) -> str:
    """One query in one line: verb and tables (or, without tables, the database's own function)."""
    verb = query.split(maxsplit=1)[0].upper()
    named = dict.fromkeys(_TABLES.findall(query) or _FUNCTIONS.findall(query))
    if "_config(" in query or "current_setting(" in query:
        return f"{verb} who acts"
    return f"{verb} {' '.join(named)}".strip()


def asked(client: Client, where: str) -> tuple[int, list[str]]:
    """The status of a page, and the shapes of its queries."""
    shapes: list[str] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        shapes.append(shape(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        status = knock(client, "get", where).status_code
    # The knock's own savepoint is the test's, and not the page's.
    return status, [one for one in shapes if not one.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def pages(rows: dict[str, Any], page_of: Callable[[str], Client]) -> dict[str, list[str]]:
    """The queries of each page that opens, asked for by the first who is named at its door."""
    clients: dict[str, Client] = {}
    found = {}
    for name, door in sorted(DOORS.items()):
        if door.gets is None:
            continue
        who = door.gets.split()[0]
        client = clients.setdefault(who, page_of(who))
        knock(
            client, "get", address(name, door, rows)
        )  # What a process remembers, it remembers from the first answer.
        status, shapes = asked(client, address(name, door, rows))
        if status == HTTPStatus.OK:
            found[f"{name} as {who}"] = shapes
    return found


def test_every_page_asks_the_queries_of_its_snapshot_and_no_more_when_there_is_more_to_show(
    cast: Cast, page_of: Callable[[str], Client], snapshot: SnapshotAssertion
) -> None:
    rows = rows_of_the_situation(cast)
    grow(cast, rows, first=10)
    few = pages(rows, page_of)
    grow(cast, rows, first=20)
    many = pages(rows, page_of)
    grown = {
        name: (len(few[name]), len(shapes)) for name, shapes in many.items() if len(shapes) > len(few[name])
    }
    assert not grown, f"asks more where there is more to show: {grown}"
    assert few == snapshot
