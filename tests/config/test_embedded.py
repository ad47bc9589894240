"""The embedded server: one that stands still holds up nobody else, and one that died comes back."""

import math
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import embedded
from tests.hostile.conftest import folder_for_a_server


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Server]:
    """A server of its own, new and empty."""
    with folder_for_a_server() as folder:
        made = embedded.started(folder / "postgres")
        yield made
        made.stop()


@pytest.fixture(autouse=True)
def _it_alone(server: embedded.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process knows no other server: those of tests before these are gone, folder and all."""
    monkeypatch.setattr(embedded.Server, "known", {server.pgdata: server})


def _answers(server: embedded.Server) -> bool:
    with psycopg.connect(server.get_uri(), connect_timeout=5) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_a_start_that_stands_still_holds_up_its_own_folder_only_and_is_told(
    server: embedded.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(embedded, "_PATIENCE", 0.5)
    with embedded.Lock(tmp_path / "machine"), embedded.Lock(server.pgdata.with_name(".other.lock")):
        server.keep_running()
    with (
        embedded.Lock(server.pgdata.with_name(f".{server.pgdata.name}.lock")),
        pytest.raises(embedded.EmbeddedError, match="waited 0 seconds in vain for another process"),
    ):
        server.keep_running()
    server.keep_running()
    assert _answers(server)


def test_a_server_that_was_killed_is_started_again(
    server: embedded.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = server.get_pid()
    os.kill(killed, signal.SIGKILL)
    _until(lambda: not server.is_running())
    embedded.revive()
    assert "started again" in capsys.readouterr().err
    assert server.get_pid() != killed
    assert _answers(server)


def test_the_number_of_a_dead_server_may_be_another_programs_by_now(server: embedded.Server) -> None:
    server.stop()
    _until(lambda: not server.is_running())
    left = f"{os.getpid()}\n{server.pgdata}\n1\n5432\n{server.pgdata}\n\n  1  1\nready\n"
    (server.pgdata / "postmaster.pid").write_text(left)
    assert psutil.pid_exists(os.getpid())
    assert not server.is_running()
    server.keep_running()
    assert _answers(server)


def test_why_a_server_does_not_start_is_told_and_tried_again_later(
    server: embedded.Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    settings = server.pgdata / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("shared_buffers = 'nonsense'\n")
    server.tried_at = -math.inf
    monkeypatch.setattr(embedded, "_BETWEEN_TRIES", 3600.0)
    embedded.revive()
    told = capsys.readouterr().err
    assert "did not start" in told
    assert "tries again" in told
    settings.write_text(before)
    embedded.revive()
    assert not server.is_running(), "it was tried again at once"
    monkeypatch.setattr(embedded, "_BETWEEN_TRIES", 0.0)
    embedded.revive()
    assert _answers(server)


def _until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
