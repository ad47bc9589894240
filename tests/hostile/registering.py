"""One write of many tables: a client is registered and her case opened, under a key by which all its traces are found."""

from typing import Any
from uuid import UUID

import psycopg

from silta.kernel import clock

PATH = "/cases/new/register/"
USER, LEAD = "eero.virtanen@tyollisyys.example", "paula.laine@tyollisyys.example"
_TRACES = {
    "people_person": "SELECT count(*) FROM people_person WHERE last_name = %(name)s",
    "people_personevent": "SELECT count(*) FROM people_personevent WHERE last_name = %(name)s",
    "cases_case": "SELECT count(*) FROM cases_case WHERE id = %(key)s",
    "cases_participation": "SELECT count(*) FROM cases_participation WHERE case_id = %(key)s",
    "access_grant": "SELECT count(*) FROM access_grant g JOIN people_person p ON p.id = g.person_id WHERE p.last_name = %(name)s",
    "audit_event": "SELECT count(*) FROM audit_event WHERE action = 'cases.open' AND subject_id = %(text)s",
}


def name(key: object) -> str:
    """The last name by which the page of the case is known again."""
    return f"Katkos-{key}"


def form(key: object) -> dict[str, str]:
    """What the page sends."""
    return {
        "first_names": "Testi", "last_name": name(key), "no_code_reason": "not_known", "mother_tongue": "fi",
        "service_language": "fi", "kind": "joint_support", "source": "self", "submission": str(key),
        "municipality": "Kajaani", "opened_on": clock.today().isoformat(), "birth_date": "1990-05-17",
    }  # fmt: skip


def traces(reader: "psycopg.Connection[Any]", key: object) -> dict[str, int]:
    """How many rows of each table the write under this key has left."""
    values = {"key": UUID(str(key)), "text": str(key), "name": name(key)}
    counts = {}
    for table, query in _TRACES.items():
        row = reader.execute(query, values).fetchone()
        assert row is not None
        counts[table] = int(row[0])
    return counts
