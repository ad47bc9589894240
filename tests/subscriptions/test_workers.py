"""Workers of their own, on a database of their own: two at once send each message once, a killed one's is sent again."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings

from config import database
from silta.kernel.identifiers import new_id
from silta.outbox import rules
from tests.cast import key
from tests.copies import copied
from tests.hostile.installation import ROOT
from tests.hostile.serving import until
from tests.outbox.receiver import receiving

_MESSAGES = 6
_SUBSCRIPTION = """
INSERT INTO subscriptions_subscription (id, membership_id, name, url, kinds, secret, former_secret, created_at, failures, pause_reason)
VALUES (%s, %s, 'Oma rekisteri', %s, '{case.opened}', %s, '', now(), 0, '')
"""
_MESSAGE = """
INSERT INTO outbox_message (id, channel, kind, about, happened_at, queued_at, state, due_at, tries, reason)
VALUES (%s, %s, 'test', '{}', now(), now(), 'waiting', now(), 0, '')
"""
_AT_THE_START = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('upkeep', 'subscriptions.send', '{}')"


@pytest.fixture
def scratch() -> Iterator[str]:
    with copied("telling") as name:
        yield name


def worker(scratch: str) -> "subprocess.Popen[str]":
    """A worker that does what is in the queue and ends."""
    server = os.environ["SILTA_TEST_SERVER"]
    environment = {name: value for name, value in os.environ.items() if name != "SILTA_DATABASE_ROLE"} | {
        "DATABASE_URL": database.with_user(server, database.APP, scratch),
        "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, scratch),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "config.cli", "worker", "--once"], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(process: "subprocess.Popen[str]") -> None:
    """Waits for the worker's end; it must have succeeded."""
    _out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors[-2000:]


def put_out(owner: "psycopg.Connection[Any]", url: str, *, number: int) -> None:
    """A subscription, so many messages and two jobs that send them."""
    channel = new_id()
    secret = rules.cipher([settings.SECRET_KEY]).encrypt(rules.secret_of(b"k" * 32).encode()).decode()
    owner.execute(_SUBSCRIPTION, [channel, key("membership paula"), url, secret])
    for _one in range(number):
        owner.execute(_MESSAGE, [new_id(), channel])
    for _one in range(2):
        owner.execute(_JOB)


def test_two_workers_send_each_once_and_what_a_killed_one_held_is_sent_again(scratch: str) -> None:
    server = os.environ["SILTA_TEST_SERVER"]
    address, both = database.with_user(server, "postgres", scratch), threading.Barrier(2, timeout=60)
    with (
        psycopg.connect(address, autocommit=True) as owner,
        psycopg.connect(address) as start,
        receiving() as receiver,
    ):
        # The first two messages are answered only when both workers have one in their hands.
        waits = iter([both.wait, both.wait])
        receiver.meanwhile = lambda _stream: next(waits, lambda: None)() and None
        put_out(owner, receiver.url, number=_MESSAGES)
        start.execute("LOCK TABLE outbox_message IN ACCESS EXCLUSIVE MODE")
        pair = [worker(scratch), worker(scratch)]
        until(lambda: owner.execute(_AT_THE_START).fetchone() == (2,))
        start.rollback()
        for process in pair:
            finished(process)
        sent = [request.headers["webhook-id"] for request in receiver.received]
        assert len(sent) == len(set(sent)) == _MESSAGES

        put_out(owner, receiver.url, number=1)
        process = worker(scratch)
        receiver.meanwhile = lambda _stream: process.send_signal(signal.SIGKILL)
        process.wait(120)
        receiver.meanwhile = None
        owner.execute("UPDATE outbox_message SET leased_until = now() WHERE state = 'waiting'")
        owner.execute(_JOB)
        finished(worker(scratch))
        again = [request.headers["webhook-id"] for request in receiver.received][_MESSAGES:]
        assert len(again) == 2
        assert len(set(again)) == 1
        states = owner.execute("SELECT DISTINCT state FROM outbox_message").fetchall()
    assert states == [("delivered",)]
