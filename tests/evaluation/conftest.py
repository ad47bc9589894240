"""A database of its own with a wild caseload, and the figures that the worker reckoned from it."""

import datetime as dt
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config import database
from tests.access.rows import insert, row_for
from tests.cast import key

TODAY = dt.date(2026, 11, 22)
PEOPLE = 240
UNITS = [key("unit employment"), key("unit employment_other"), key("unit coaching")]
RECKON = """
import datetime as dt
from config import starting
starting.set_up()
from silta.evaluation import operations
from silta.kernel import clock
with clock.at(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
    operations.reckon_nightly()
"""


@dataclass(frozen=True)
class Reckoned:
    """Where the figures are: the database, and the folder of the extract."""

    owner: str
    app: str
    home: Path

    @property
    def extract(self) -> Path:
        return next(path for path in (self.home / "figures").iterdir() if path.is_dir())

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.extract / "manifest.json").read_text())
        return found


@pytest.fixture(scope="session")
def reckoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reckoned]:
    """The whole way, in a process of its own: extract, count, hide, draw, keep."""
    server, name, home = (
        os.environ["SILTA_TEST_SERVER"],
        f"figures_{os.getpid()}",
        tmp_path_factory.mktemp("figures"),
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {database.NAME}')
    place = Reckoned(
        database.with_user(server, database.OWNER, name), database.with_user(server, database.APP, name), home
    )
    try:
        with psycopg.connect(database.with_user(server, "postgres", name)) as connection:
            connection.execute("SET session_replication_role = replica")
            _fill(connection, random.Random(7))  # noqa: S311 - invention, not a secret
        reckon(place)
        yield place
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def reckon(place: Reckoned) -> None:
    """The night's job, as the worker does it."""
    environment = os.environ | {
        "DATABASE_URL": place.app, "DATABASE_OWNER_URL": place.owner, "SILTA_HOME": str(place.home),
        "SILTA_DATABASE_ROLE": "owner",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", RECKON], env=environment, check=True)


def _fill(connection: "psycopg.Connection[Any]", dice: random.Random) -> None:
    # Only days, kinds and states are counted: the rest of a row need not be whole.
    for table, name in connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conname LIKE 'cases_%'"
    ).fetchall():
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    municipalities = []
    for code, name in (("205", "Kajaani"), ("765", "Sotkamo"), ("578", "Paltamo")):
        row = connection.execute(
            "INSERT INTO people_municipality (code, name_fi, name_sv, folded_fi, folded_sv, county_code, valid_from,"
            " successor_code) VALUES (%s, %s, %s, '', '', '', '1999-01-01', '') RETURNING id", [code, name, name],
        ).fetchone()  # fmt: skip
        assert row is not None
        municipalities.append(row[0])
    for number in range(PEOPLE):
        _one(connection, dice, number, municipalities)


def _one(
    connection: "psycopg.Connection[Any]", dice: random.Random, number: int, municipalities: list[int]
) -> None:
    """One client with a clienthood in whatever state: with gaps, on the very day, too late, not at all."""
    person, case = key(f"counted person {number}"), key(f"counted case {number}")

    def add(table: str, **values: Any) -> None:
        connection.execute(insert(table, row_for(table, **values)))

    add("people_person", id=person, non_disclosure=number % 17 == 0, last_name="Salainen", first_names="Nimi")
    if dice.random() < 0.8:
        add("people_residence", person_id=person, id=key(f"home {number}"), valid_until=None,
            municipality_id=dice.choices(municipalities, [30, 6, 1])[0])  # fmt: skip
    opened = TODAY - dt.timedelta(days=dice.randrange(20, 600))
    assessed = opened + dt.timedelta(days=dice.randrange(40)) if dice.random() < 0.85 else None
    ended = min(TODAY, opened + dt.timedelta(days=dice.randrange(30, 500))) if dice.random() < 0.3 else None
    add("cases_case", id=case, person_id=person, number=f"K-{number}", unit_id=dice.choices(UNITS, [20, 5, 1])[0],
        kind=dice.choice(["joint_support"] * 4 + ["coaching"]), state="ended" if ended else "open", opened_on=opened,
        assessment_started_on=assessed, ended_on=ended, open_steps=dice.choice([0, 0, 1, 2]), is_held=False, held_reason="",
        contact_reason="Salainen syy", responsible_id=None)  # fmt: skip
    day = (assessed or opened) + dt.timedelta(days=dice.choice([10, 60, 88, 92, 93, 130]))
    for step in range(dice.randrange(5)):
        if day <= TODAY:
            table, column = (
                ("cases_planversion", "made_on")
                if step == 0 or dice.random() < 0.2
                else ("cases_review", "held_on")
            )
            add(table, id=key(f"look {number} {step}"), case_id=case, person_id=person, **{column: day},
                **({"number": step} if column == "made_on" else {}))  # fmt: skip
        day += dt.timedelta(days=dice.choice([0, 31, 89, 92, 120]))
    for step in range(dice.randrange(3)):
        state = dice.choice(["agreed", "started", "done", "refused"])
        begun = (
            opened + dt.timedelta(days=dice.randrange(-5, 120))
            if state == "started" or dice.random() < 0.4
            else None
        )
        add("cases_agreedservice", id=key(f"service {number} {step}"), case_id=case, person_id=person, state=state,
            started_on=begun, ended_on=None, agreed_on=opened, provider_name="Salainen Oy", provider_unit_id=None)  # fmt: skip
