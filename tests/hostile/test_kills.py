"""``kill -9`` in the middle of writes: what was answered is there whole, what was not is there whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from config import database
from tests.hostile.installation import ROOT

# In every run so many; the whole two hundred by SILTA_TEST_KILLS=200 (docs/hostile-day.md tells when that was done last).
KILLS = int(os.environ.get("SILTA_TEST_KILLS", "25"))
SEED = 20260302
_FOUND = 302
_TRACES = {
    "people_person": "SELECT count(*) FROM people_person WHERE last_name = %(name)s",
    "people_personevent": "SELECT count(*) FROM people_personevent WHERE last_name = %(name)s",
    "cases_case": "SELECT count(*) FROM cases_case WHERE id = %(key)s",
    "cases_participation": "SELECT count(*) FROM cases_participation WHERE case_id = %(key)s",
    "access_grant": "SELECT count(*) FROM access_grant g JOIN people_person p ON p.id = g.person_id WHERE p.last_name = %(name)s",
    "audit_event": "SELECT count(*) FROM audit_event WHERE action = 'cases.open' AND subject_id = %(text)s",
}


@pytest.fixture
def scratch() -> Iterator[str]:
    """A database of its own in the tests' server, with the cast: what is committed here is in nobody else's way."""
    name = f"test_kills_{os.getpid()}"
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _traces(reader: "psycopg.Connection[tuple[object, ...]]", key: str) -> dict[str, int]:
    values = {"key": UUID(key), "text": key, "name": f"Katkos-{key}"}
    return {table: int(reader.execute(query, values).fetchone()[0]) for table, query in _TRACES.items()}  # type: ignore[index,call-overload]


def test_a_killed_web_process_loses_nothing_it_answered_and_leaves_no_half_of_anything(scratch: str) -> None:
    server = os.environ["SILTA_TEST_SERVER"]
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"SILTA_DATABASE_ROLE", "DATABASE_OWNER_URL"}
    } | {"DATABASE_URL": database.with_user(server, database.APP, scratch)}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile.killing", str(KILLS), str(SEED)], env=environment, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = [line.split() for line in ran.stdout.splitlines()]
    begun = [line[2] for line in told if line[1] == "begun"]
    answered = {line[2]: int(line[3]) for line in told if line[1] == "answered"}
    assert len({line[0] for line in told}) == KILLS
    assert set(answered.values()) <= {_FOUND}
    cut_short = [key for key in begun if key not in answered]
    assert len(cut_short) >= KILLS // 2, "hardly anything was killed in the middle of a write"
    assert len(answered) >= KILLS // 4, "hardly anything was answered"
    with psycopg.connect(database.with_user(server, "postgres", scratch), autocommit=True) as reader:
        whole = _traces(reader, next(iter(answered)))
        assert min(whole.values()) >= 1
        lost = [key for key in answered if _traces(reader, key) != whole]
        assert lost == [], "answered, and not there whole"
        nothing = dict.fromkeys(whole, 0)
        halves = {key: found for key in cut_short if (found := _traces(reader, key)) not in (whole, nothing)}
        assert halves == {}, "half of a write is there"
        written = sum(_traces(reader, key) == whole for key in cut_short)
    sys.stdout.write(
        f"{KILLS} kills: {len(answered)} writes answered and all there; {len(cut_short)} cut short, of which {written} "
        "had been committed whole and the others left nothing\n"
    )
