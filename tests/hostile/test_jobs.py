"""A worker that was killed under its job: the job goes back into the queue and is done."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from config import database
from tests.copies import copied
from tests.hostile.installation import ROOT

_ABANDONED = """
WITH silent AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 minutes') RETURNING id)
INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts, worker_id)
SELECT 'default', 'cases.forget_drafts', '{"timestamp": 1}', 'doing', 1, id FROM silent RETURNING id
"""
_REVIVAL = """INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('upkeep', 'config.revive_jobs', '{"timestamp": 1}')"""


@pytest.fixture
def scratch() -> Iterator[str]:
    with copied("jobs") as name:
        yield name


def test_the_job_of_a_worker_that_fell_silent_is_done_by_another(scratch: str) -> None:
    server = os.environ["SILTA_TEST_SERVER"]
    environment = {key: value for key, value in os.environ.items() if key != "SILTA_DATABASE_ROLE"} | {
        "DATABASE_URL": database.with_user(server, database.APP, scratch),
        "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, scratch),
    }
    with psycopg.connect(database.with_user(server, "postgres", scratch), autocommit=True) as owner:
        row = owner.execute(_ABANDONED).fetchone()
        assert row is not None
        owner.execute(_REVIVAL)
        for _round in range(2):
            ran = subprocess.run(
                [sys.executable, "-m", "config.cli", "worker", "--once"], env=environment, cwd=ROOT,
                capture_output=True, text=True, check=False, timeout=240,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr[-2000:]
        found = owner.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [row[0]]).fetchone()
    assert found is not None
    assert found[0] == "succeeded"
