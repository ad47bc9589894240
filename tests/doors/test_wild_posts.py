"""Whatever is sent to whatever door: never a server's error, always an answer in words, and nothing half-written.

Each posting route is sent, by somebody who may use it, the form's own fields filled with one kind of nonsense at a time.
What is written counts as whole only where the answer says that it was done.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast, as_owner
from tests.conftest import UNTIMED
from tests.doors.routes import DOORS, Door
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, words

POSTING = {name: door for name, door in DOORS.items() if door.posts}
# Answers that promise that nothing, or the whole, was done. (413 is the server's own, for more than five megabytes.)
DONE = {200, 204, 302}
SPOKEN = {*DONE, 400, 404, 409, 413, 422}
WILD = {
    "control characters": "teks\x07ti\x1b[0m\x80",
    "a NUL": "teks\x00ti",
    "a megabyte": "ä" * 1_000_000,
    "markup, a template, a query and a path": "<script>alert(1)</script>{{ 7 }}%s'; DROP TABLE people_person; --../../x",
    "a formula": '=HYPERLINK("http://x.example","x")',
    "a day that does not exist": "31.2.2026",
    "the first year": "0001-01-01",
    "the last year": "9999-12-31",
    "a moment at the end of time": "9999-12-31T23:59",
    "a negative number": "-1",
    "a huge number": "9" * 400,
    "not a number": "NaN",
    "another's key": str(uuid.UUID(int=7)),
    "letters of many kinds, turned around": "\u202eabc\u2066 \U0001f469\u200d\U0001f467 \t\n",
}
_FIELD = re.compile(r'<(?:input|textarea|select|button)\b[^>]*\bname="([^"]+)"')


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation behind the doors."""
    return rows_of_the_situation(cast)


@pytest.fixture
def clients(page_of: Callable[[str], Client]) -> Callable[[str], Client]:
    """Each user signs in once; an error is answered as a browser would see it, not raised."""
    signed_in: dict[str, Client] = {}

    def client(name: str) -> Client:
        if name not in signed_in:
            signed_in[name] = page_of(name)
            signed_in[name].raise_request_exception = False
        return signed_in[name]

    return client


def fields_of(client: Client, where: str, door: Door, sends: dict[str, str]) -> set[str]:
    """The fields of the door's own form, as far as it shows one; and those it must be sent."""
    with transaction.atomic():
        page = client.get(where) if door.gets else None
        transaction.set_rollback(True)
    found = (
        set(_FIELD.findall(page.content.decode())) if page is not None and page.status_code == 200 else set()
    )
    return (found | sends.keys() | _ALSO) - {"csrfmiddlewaretoken", "q", "login"}


# Fields of forms that no page of their own shows: of batches, steps of the worklist, and drafts.
_ALSO = {
    "reason", "text", "note", "name", "query", "case", "deed", "version", "submission", "subject", "on", "due_on",
    "membership", "next", "first_names", "last_name", "birth_date", "identity_code", "kind", "opened_on", "value",
    "municipality", "happened_at", "category", "file", "column_0", "to_unit", "categories", "minutes",
}  # fmt: skip


def count_of_rows() -> dict[str, int]:
    """How many rows each table holds, the journal and sessions aside."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname ~ '^(people|cases|access|intake|organisations|accounts)_' AND relname !~ 'event$' ORDER BY 1"
        )
        tables = [row[0] for row in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


def knock(client: Client, where: str, before: dict[str, int], request: dict[str, Any]) -> str:
    """What is wrong with the answer to one request, if anything; whatever it wrote is undone."""
    with transaction.atomic():
        status = client.post(where, **request).status_code
        wrong = ""
        if status not in SPOKEN:
            wrong = f"{where}: {status}"
        elif status not in DONE and count_of_rows() != before:
            wrong = f"{where}: refused with {status}, and yet something was written"
        transaction.set_rollback(True)
    return wrong


def everywhere(
    rows: dict[str, Any],
    clients: Callable[[str], Client],
    sent: Callable[[set[str], dict[str, str]], dict[str, Any]],
) -> list[str]:
    """What is wrong anywhere, when each posting door is sent the request that ``sent`` makes of its fields."""
    wrong, before = [], count_of_rows()
    for name, door in sorted(POSTING.items()):
        client = clients(str(door.posts).split()[0])
        where, sends = address(name, door, rows), words(door, rows)
        if name not in _FIELDS:
            _FIELDS[name] = fields_of(client, where, door, sends)
        problem = knock(client, where, before, sent(_FIELDS[name], sends))
        wrong += [f"{name}: {problem}"] if problem else []
    return wrong


_FIELDS: dict[str, set[str]] = {}


@pytest.mark.parametrize("kind", WILD)
def test_no_nonsense_breaks_a_door(kind: str, rows: dict[str, Any], clients: Callable[[str], Client]) -> None:
    def sent(fields: set[str], _sends: dict[str, str]) -> dict[str, Any]:
        # Of the megabytes a few, since more than five are refused unread.
        return {"data": dict.fromkeys(sorted(fields)[:2] if kind == "a megabyte" else fields, WILD[kind])}

    assert everywhere(rows, clients, sent) == []


def test_fields_may_be_missing_or_doubled(rows: dict[str, Any], clients: Callable[[str], Client]) -> None:
    assert everywhere(rows, clients, lambda _fields, _sends: {"data": {}}) == []
    doubled = ("x", "<b>", "\x00")
    assert everywhere(rows, clients, lambda fields, _sends: {"data": dict.fromkeys(fields, doubled)}) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"text": {"$ne": null}}'),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded", b"%ff%fe=%80&text=%zz&=&&;&reason=%ed%a0%80"),
        ("", b"\x00\x01\x02"),
    ],
)
def test_no_kind_of_content_breaks_a_door(
    content_type: str, body: bytes, rows: dict[str, Any], clients: Callable[[str], Client]
) -> None:
    assert everywhere(rows, clients, lambda _f, _s: {"data": body, "content_type": content_type}) == []


@settings(max_examples=3, suppress_health_check=[*UNTIMED, HealthCheck.function_scoped_fixture])
@given(value=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_breaks_a_door(value: str, rows: dict[str, Any], clients: Callable[[str], Client]) -> None:
    assert (
        everywhere(rows, clients, lambda fields, sends: {"data": dict.fromkeys(fields, value) | sends}) == []
    )
