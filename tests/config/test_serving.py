"""The running product: its processes come up, come back when they die, and leave nothing behind."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests import ports
from tests.running.product import collected_once, scratch_database

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0


def _until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database of its own, entered by the two roles as in production: the worker writes into it whatever is due."""
    (tmp_path / "static").symlink_to(collected_once())
    with scratch_database("serving") as entered:
        yield entered | {"SILTA_HOME": str(tmp_path)}


@pytest.fixture
def product(environment: dict[str, str]) -> Iterator[tuple[psutil.Process, int]]:
    """A running ``silta serve`` and its port."""
    port = ports.reserved()
    with subprocess.Popen(
        [sys.executable, "-m", "config.cli", "serve", "--port", str(port)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            _until(lambda: _answers(port) or process.poll() is not None)
            yield psutil.Process(process.pid), port
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _children(parent: psutil.Process, part: str) -> list[psutil.Process]:
    found = []
    for child in parent.children():
        try:
            if part in " ".join(child.cmdline()):
                found.append(child)
        except psutil.ZombieProcess:
            continue
    return found


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _no_child_is_left(parent: psutil.Process, number: signal.Signals) -> None:
    children = parent.children(recursive=True)
    assert len(children) >= 3
    parent.send_signal(number)
    _until(lambda: not any(_runs(child) for child in children))


def test_a_killed_parent_leaves_no_child_behind(product: tuple[psutil.Process, int]) -> None:
    _no_child_is_left(product[0], signal.SIGKILL)


def test_a_dead_child_comes_back_and_knows_no_more_than_it_needs(product: tuple[psutil.Process, int]) -> None:
    parent, port = product
    first, worker = _children(parent, "granian")[0], _children(parent, "config.cli worker")[0]
    assert "DATABASE_OWNER_URL" not in first.environ()
    assert "SILTA_DATABASE_ROLE" not in first.environ()
    assert "silta_app" in first.environ()["DATABASE_URL"]
    assert "silta_owner" in worker.environ()["DATABASE_OWNER_URL"]
    first.kill()
    _until(lambda: [child for child in _children(parent, "granian") if child.pid != first.pid])
    _until(lambda: _answers(port))
    _no_child_is_left(parent, signal.SIGTERM)
    assert not _answers(port)


def test_a_port_that_is_taken_is_told_in_a_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "config.cli", "serve", "--port", str(port)], cwd=ROOT, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert f"Silta cannot listen on 127.0.0.1:{port}" in ran.stderr
