"""The bulk path: copies of told stories have the shapes that the operations gave the stories, table by table.

A dozen stories are told by the operations in a database of their own and copied until there are about 500 people. Every
story is copied as often as every other, so whatever is counted must have grown by the same factor, exactly.
"""

import argparse
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from stdnum.fi import hetu

from config import database
from config.commands import demo
from config.crowding import loading, planning
from config.crowding.reading import Table
from silta.access import queries as access
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.cases.models import Case, Deadline
from silta.cases.operations import notes, standing
from silta.cases.queries import visible_to
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.folding import fold
from silta.kernel.identifiers import is_artificial, new_id
from silta.people.models import Person
from silta.workbench import demonstration, region
from tests.cast import as_owner

BRIEF, TIMES = 4, 40
COMMON = {"people_municipality", "cases_casenumber", "audit_chainhead"}
BY_BRANCH = {"organisations_unit", "accounts_user", "access_membership", "account_emailaddress"}
EERO = "eero.virtanen@tyollisyys.example"
# What is a row's own, and so different in every copy.
OWN = {"identity_code", "number", "birth_date", "pgh_id", "id"}
SHORT = 60
FOREIGN_KEYS = """
SELECT f.conrelid::regclass::text, a.attname, f.confrelid::regclass::text, k.attname FROM pg_constraint f
JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
JOIN pg_attribute k ON k.attrelid = f.confrelid AND k.attnum = f.confkey[1] WHERE f.contype = 'f'
"""
LOOSE: dict[LiteralString, str] = {
    "SELECT count(*) FROM pg_index WHERE NOT (indisvalid AND indisready)": "an index is asleep",
    "SELECT count(*) FROM audit_event e WHERE person_id <> '' AND NOT EXISTS"
    " (SELECT 1 FROM people_person p WHERE p.id::text = e.person_id)": "the journal tells of nobody",
    "SELECT count(*) FROM audit_event e WHERE user_id <> '' AND NOT EXISTS"
    " (SELECT 1 FROM accounts_user u WHERE u.id::text = e.user_id)": "the journal tells of nobody's act",
    "SELECT count(*) FROM cases_caseevent e WHERE NOT EXISTS"
    " (SELECT 1 FROM cases_case c WHERE c.id = e.pgh_obj_id AND c.number = e.number)": "history of no case",
    "SELECT count(*) FROM people_personevent e WHERE NOT EXISTS (SELECT 1 FROM people_person p WHERE p.id = e.pgh_obj_id"
    " AND p.identity_code = e.identity_code AND p.last_name = e.last_name)": "history of another person",
    "SELECT count(*) FROM cases_statuschange s WHERE NOT EXISTS"
    " (SELECT 1 FROM cases_case c WHERE c.id = s.case_id AND c.person_id = s.person_id)": "two people's case",
    "SELECT count(*) FROM cases_casenumber n WHERE last < (SELECT max(substr(number, 6)::int) FROM cases_case"
    " WHERE number LIKE n.year || '-%')": "a number that would be given again",
}
Shape = dict[str, Any]
Grown = tuple[dict[str, Shape], dict[str, Shape], str]


@pytest.fixture(scope="module")
def grown(django_db_blocker: Any) -> Iterator[Grown]:
    """The shapes of every table before and after the copying, and the address of the database."""
    server, name = os.environ["SILTA_TEST_SERVER"], f"test_bulk_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as made:
        made.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
    address = database.with_user(server, "postgres", name)
    kept = connection.settings_dict["NAME"]
    # The moment stands still: what is due is compared with what was due when it was told.
    with django_db_blocker.unblock(), clock.at(clock.now()):
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            told = _tell()
            connection.close()
            before = _shapes(address)
            lines: list[str] = []
            assert loading.multiply(address, people=told * TIMES, tell=lines.append) == told * TIMES
            assert f"{told * TIMES} people, " in lines[-1]
            yield before, _shapes(address), address
        finally:
            connection.close()
            connection.settings_dict["NAME"] = kept
            with psycopg.connect(server, autocommit=True) as gone:
                gone.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tell() -> int:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE organisations_organisation, accounts_user, people_person, people_personevent CASCADE"
        )
    stories = list(itertools.islice(demonstration.showcases(), 0, None, 7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "showcases", lambda: iter(stories))
        patch.setattr(demonstration, "LEAST_PEOPLE", len(stories))
        demonstration.begin(seed=1)
        demonstration.tell_brief(many=BRIEF, seed=1, done=len(stories), day=clock.today())
    return len(stories) + BRIEF


def _shapes(address: str) -> dict[str, Shape]:
    """Of each table: how many rows, in how many each column is empty, and how often each short code stands."""
    shapes = {}
    with psycopg.connect(address) as looked:
        names = looked.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        for (table,) in names:
            if not table.startswith(("django_", "auth_", "procrastinate_")) and table not in COMMON:
                shapes[table] = _shape(looked, table)
    return shapes


def _shape(looked: "psycopg.Connection[Any]", table: str) -> Shape:
    columns = looked.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    ).fetchall()
    shape: Shape = {}
    for column, kind in columns:
        named = {"column": sql.Identifier(column), "table": sql.Identifier(table)}
        counted = sql.SQL("SELECT count(*), count({column}) FROM {table}").format(**named)
        shape["rows"], shape[column] = looked.execute(counted).fetchone() or (0, 0)
        if (kind in {"boolean", "date", "integer"} or _is_code(kind)) and column not in OWN:
            told = sql.SQL("SELECT {column}, count(*) FROM {table} GROUP BY 1").format(**named)
            shape[f"{column}: values"] = Counter(dict(looked.execute(told).fetchall()))
    return shape


def _is_code(kind: str) -> bool:
    length = kind.removeprefix("character varying(").removesuffix(")")
    return length.isdigit() and int(length) <= SHORT


def _times(shape: Shape, factor: int) -> Shape:
    return {
        name: Counter({value: many * factor for value, many in found.items()})
        if isinstance(found, Counter)
        else found * factor
        for name, found in shape.items()
    }


def test_every_table_grows_by_the_same_factor_and_keeps_its_shape(grown: Grown) -> None:
    before, after, _address = grown
    told = {
        name: shape
        for name, shape in before.items()
        if name.startswith(("people_", "cases_")) and shape["rows"]
    }
    assert len(told) >= 18
    for name, shape in told.items():
        assert after[name] == _times(shape, TIMES), name
    for name in BY_BRANCH:
        assert after[name] == _times(before[name], TIMES), name
    organisations = before["organisations_organisation"]["rows"]
    assert after["organisations_organisation"]["rows"] == organisations, (
        "fewer branches than make another region"
    )
    for name in ("access_grant", "access_consent", "access_emergencyaccess", "access_representation"):
        assert after[name] == _times(before[name], TIMES), name
    # Whatever founds the organisations is told once; the other events of the journal are told for every copy.
    own = Counter(before["audit_event"]["action: values"])
    grew = after["audit_event"]["action: values"]
    assert {action for action in own if grew[action] != own[action] * TIMES} <= {
        "organisations.found_organisation", "access.first_keeper",
    }  # fmt: skip


def test_what_the_copies_point_to_is_there_and_the_indexes_hold(grown: Grown) -> None:
    with psycopg.connect(grown[2]) as looked:
        keys = looked.execute(FOREIGN_KEYS).fetchall()
        assert len(keys) > 100
        for table, column, target, key in keys:
            query = sql.SQL(
                "SELECT count(*) FROM {} t LEFT JOIN {} o ON o.{} = t.{} WHERE t.{} IS NOT NULL AND o.{} IS NULL"
            )
            names = (table, target, key, column, column, key)
            assert looked.execute(query.format(*map(sql.Identifier, names))).fetchone() == (0,), names
        for query_, message in LOOSE.items():
            assert looked.execute(query_).fetchone() == (0,), message


def test_people_have_names_codes_and_numbers_of_their_own(grown: Grown) -> None:
    with as_owner():
        people = list(Person.objects.order_by("pk"))
        numbers = list(Case.objects.values_list("number", flat=True))
    codes = [person.identity_code for person in people if person.identity_code]
    assert len(set(codes)) == len(codes)
    assert all(hetu.is_valid(code, allow_temporary=True) and is_artificial(code) for code in codes)
    assert all(person.search_name == fold(f"{person.first_names} {person.last_name}") for person in people)
    assert len({(person.first_names, person.last_name) for person in people}) > len(people) * 0.8
    assert len(set(numbers)) == len(numbers)
    assert {len(number) for number in numbers} == {len("2026-00001")}


def test_the_journal_is_whole_and_goes_on(grown: Grown) -> None:
    assert audit.verify() == []
    actor = _worker(3)
    with acting(actor):
        case = visible_to(actor).filter(state="open", responsible_id=actor.user_id).order_by("number")[0]
        notes.write_note(
            actor, case=case, kind="contact", text="Soitettu.", channel="phone", result="reached"
        )
    assert audit.verify() == []


def test_a_copied_worker_sees_as_much_as_the_one_she_is_copied_from(grown: Grown) -> None:
    seen = []
    for branch in (0, 1, TIMES - 1):
        actor = _worker(branch)
        with acting(actor), connection.cursor() as cursor:
            seen.append([actor.role])
            for table in (
                "people_person",
                "cases_case",
                "cases_note",
                "cases_assessmententry",
                "access_grant",
                "audit_event",
            ):
                cursor.execute(f"SELECT count(*) FROM {table} WHERE true")
                seen[-1].append(cursor.fetchone()[0])
    assert seen[1] == seen[2]
    assert seen[0][:5] == seen[1][:5]
    assert seen[1][1] > 1


def test_the_standing_and_the_deadlines_of_a_copy_are_as_the_operations_have_them(grown: Grown) -> None:
    actor = _worker(5)
    with acting(actor):
        cases = list(visible_to(actor).filter(unit_id=actor.unit_id, state="open").order_by("number"))
        assert len(cases) > 2
        before = [_standing(case) for case in cases]
        standing.refresh_each(cases)
        for case in cases:
            case.refresh_from_db()
        assert [_standing(case) for case in cases] == before


def _standing(case: Case) -> list[Any]:
    due = (
        Deadline.objects.filter(case=case)
        .order_by("rule", "subject_id")
        .values_list("rule", "due_on", "warn_on", "subject_id")
    )
    return [
        case.last_contact_on,
        case.next_step_on,
        case.next_deadline_on,
        case.open_steps,
        case.open_goals,
        list(due),
    ]


def _worker(branch: int) -> Actor:
    name, _at, host = EERO.partition("@")
    with as_owner():
        user = User.objects.get(email=f"{name}.{branch:05d}@{host}" if branch else EERO)
    actor = access.actor_for(user.pk)
    assert actor is not None
    return actor


def test_a_large_region_has_long_stories_in_every_branch_and_each_in_one_of_five() -> None:
    people, cases = (
        Table("people_person", ["id"], ["uuid"]),
        Table("cases_case", ["id", "person_id", "state"], ["uuid", "uuid", "character varying(10)"]),
    )
    notes = Table("cases_note", ["id", "person_id"], ["uuid", "uuid"])
    long = {bytes([number]) * 16 for number in range(20)}
    for number in range(40):
        person, state = bytes([number]) * 16, b"open" if number % 2 else b"ended"
        people.rows.append((person,))
        cases.rows.append((new_id().bytes, person, state))
        for _note in range(planning.BRIEF if person in long else 1):
            notes.rows.append((new_id().bytes, person))

    many = 48_000
    planned = planning.plan([people, cases, notes], people=many)

    copies = {row[0] or b"": planned.row(people, row) for row in people.rows}
    found = {person: made for person, made in copies.items() if made is not None}
    assert sum(len(made) for made in found.values()) == many - len(people.rows)
    is_open = {row[1]: row[2] == b"open" for row in cases.rows}
    share = sum(len(made) for person, made in found.items() if is_open[person]) / many
    assert share == pytest.approx(planning.OPEN_PER_BRANCH / planning.PEOPLE_PER_BRANCH, abs=0.02)
    branches = {person: set(made.staff.tolist()) for person, made in found.items()}
    every = set().union(*branches.values())
    assert set().union(*(branches[person] for person in long)) >= every - {0}
    for person in long:
        steps = [after - before for before, after in itertools.pairwise(sorted(branches[person] - {0}))]
        assert set(steps) == {planning.LONG_IN_ONE_OF}
    assert all(every - branches[person] <= {0, max(every)} for person in found.keys() - long)


def test_many_people_are_not_copied_into_a_server_of_others(
    cast: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("config.starting.set_up", lambda: None)
    monkeypatch.setattr("config.migrating.bring_up_to_date", lambda: False)
    monkeypatch.setattr(region, "is_empty", lambda: True)
    monkeypatch.delenv("SILTA_EMBEDDED", raising=False)
    assert demo.run(argparse.Namespace(people=5001, seed=1)) == 1
    assert "needs the embedded database" in capsys.readouterr().err
