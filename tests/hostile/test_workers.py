"""Workers that are killed under their jobs, and two workers on one job: each job has its effect once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from config import database
from tests.hostile.gate import Gate
from tests.hostile.installation import ROOT
from tests.hostile.serving import until

# One in five of the kills of test_kills.py; each costs the seconds in which a new worker comes up.
KILLS = max(3, int(os.environ.get("SILTA_TEST_KILLS", "25")) // 5)
SEED = 20260302
BATCH = 200
_REVIVAL = """INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('upkeep', 'config.revive_jobs', '{"timestamp": 1}')"""
# The half minute after which a worker counts as silent is let pass for those that were killed, and for them only.
_SILENCE = """
UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'
WHERE id IN (SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing')
"""
_ONCE = {
    "rows brought in": "SELECT count(*) FROM intake_row WHERE state = 'done'",
    "rows left": "SELECT count(*) FROM intake_row WHERE state <> 'done'",
    "ties": "SELECT count(*) FROM intake_tie",
    "cases": "SELECT count(*) FROM cases_case",
    "clients": "SELECT count(DISTINCT person_id) FROM cases_case",
    "openings in the journal": "SELECT count(*) FROM audit_event WHERE action = 'cases.open'",
    "registrations in the journal": "SELECT count(*) FROM audit_event WHERE action = 'people.register'",
    "ends in the journal": "SELECT count(*) FROM audit_event WHERE action = 'intake.finish'",
    "counted as done": "SELECT sum(rows_done) FROM intake_file",
}


class Queue:
    """A database of its own with the cast, and the workers that a test runs on it."""

    def __init__(self, name: str) -> None:
        server = os.environ["SILTA_TEST_SERVER"]
        kept = {key: value for key, value in os.environ.items() if key != "SILTA_DATABASE_ROLE"}
        self.environment = kept | {
            "DATABASE_URL": database.with_user(server, database.APP, name),
            "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, name),
        }
        self.owner = psycopg.connect(database.with_user(server, "postgres", name), autocommit=True)
        self._workers: list[subprocess.Popen[bytes]] = []

    def number(self, query: str) -> int:
        row = self.owner.execute(query).fetchone()
        assert row is not None
        return int(row[0] or 0)

    def tell(self, statement: str) -> None:
        self.owner.execute(statement)

    def put_import(self, rows: int, *, jobs: int = 1) -> None:
        """An import of so many rows, with its jobs in the queue."""
        environment = self.environment | {"SILTA_DATABASE_ROLE": "owner"}
        subprocess.run(
            [sys.executable, "-m", "tests.hostile.importing", str(rows), str(jobs)], env=environment, cwd=ROOT,
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def worker(self, *arguments: str) -> "subprocess.Popen[bytes]":
        started = subprocess.Popen(
            [sys.executable, "-m", "config.cli", "worker", *arguments], env=self.environment, cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self._workers.append(started)
        return started

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self.owner.close()


@contextmanager
def _queue_of(name: str) -> Iterator[Queue]:
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
        queue = Queue(name)
        try:
            yield queue
        finally:
            queue.close()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def queue() -> Iterator[Queue]:
    """A queue of this test's own."""
    with _queue_of(f"test_workers_{os.getpid()}") as made:
        yield made


def _brought_in_once(queue: Queue, rows: int) -> None:
    found = {what: queue.number(query) for what, query in _ONCE.items()}
    assert found == {
        "rows brought in": rows, "rows left": 0, "ties": rows, "cases": rows, "clients": rows, "counted as done": rows,
        "openings in the journal": rows, "registrations in the journal": rows, "ends in the journal": 1,
    }  # fmt: skip


def test_an_import_whose_workers_are_killed_one_after_another_brings_each_row_in_once(queue: Queue) -> None:
    rows, chance = BATCH * (KILLS + 2), random.Random(SEED)  # noqa: S311 - moments to kill at, told so that a run can be repeated
    queue.put_import(rows)
    gate = Gate(queue.owner)
    for _kill in range(KILLS):
        assert queue.number(_ONCE["rows left"]), "the import was over before the last blow"
        worker = queue.worker()
        gate.reached()
        gate.let_one_through()
        time.sleep(chance.uniform(0.0, 0.3))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        gate.bury()
        queue.tell(_SILENCE)
        queue.tell(_REVIVAL)
    gate.open()
    left = queue.number(_ONCE["rows left"])
    for _round in range(2):  # The first puts the job back, the second does it.
        assert queue.worker("--once").wait(180) == 0
    _brought_in_once(queue, rows)
    assert queue.number("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 0
    sys.stdout.write(
        f"{KILLS} kills of workers: {rows} rows brought in once each, the last {left} after the last\n"
    )


def test_two_workers_on_one_import_bring_each_row_in_once(queue: Queue) -> None:
    rows = BATCH * 4
    queue.put_import(rows, jobs=2)
    workers = [queue.worker("--once"), queue.worker("--once")]
    assert [worker.wait(180) for worker in workers] == [0, 0]
    _brought_in_once(queue, rows)


def test_two_workers_order_what_is_due_once(queue: Queue) -> None:
    for _worker in range(2):
        queue.worker()
    until(lambda: queue.number("SELECT count(*) FROM procrastinate_workers") == 2)
    until(
        lambda: (
            queue.number("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'config.revive_jobs'")
            >= 1
        )
    )
    until(
        lambda: queue.number("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')") == 0
    )
    assert (
        queue.number(
            "SELECT max(c) FROM (SELECT count(*) AS c FROM procrastinate_jobs GROUP BY task_name, args ->> 'timestamp') t"
        )
        == 1
    )
    assert (
        queue.number(
            "SELECT max(c) FROM (SELECT count(*) AS c FROM procrastinate_periodic_defers GROUP BY task_name, defer_timestamp) t"
        )
        == 1
    )
