"""Told to stop, Silta answers what is being asked and does the job under way to its end, and then is gone."""

import signal
import threading
import time
from pathlib import Path

import httpx
import psycopg

from tests.running.product import scratch_database, serving, until

_JOB = """INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'cases.forget_drafts', '{"timestamp": 1}')"""
# At some hours of the night one of the clock's own comes first, and waits for the same locks.
_UNDER_WAY = "SELECT id FROM procrastinate_jobs WHERE status = 'doing'"


def test_what_is_under_way_is_brought_to_its_end(tmp_path: Path) -> None:
    with (
        scratch_database("stopping") as environment,
        serving(environment, tmp_path / "home", "--drain", "60") as product,
        psycopg.connect(environment["DATABASE_OWNER_URL"], autocommit=True) as watch,
        psycopg.connect(environment["DATABASE_OWNER_URL"]) as locks,
    ):
        locks.execute("LOCK TABLE django_session, cases_draft IN ACCESS EXCLUSIVE MODE")
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(
                httpx.get(f"{product.address}/", cookies={"sessionid": "x" * 32}, timeout=120)
            )
        )
        asking.start()
        watch.execute(_JOB)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        until(lambda: watch.execute(waiting).fetchone() == (2,))
        (row,) = watch.execute(_UNDER_WAY).fetchall()
        product.process.send_signal(signal.SIGTERM)
        time.sleep(2)
        assert product.process.poll() is None, "it did not wait"
        locks.rollback()
        asking.join(60)
        assert product.process.wait(60) == 0
        assert [answer.status_code for answer in answers] == [302]
        done = watch.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", row).fetchone()
        assert done == ("succeeded",)
        assert "refused to gracefully stop" not in product.log()
