"""Silta as its operator runs it: processes of their own, entered from outside, on a database that only they use."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from config import database
from tests import ports
from tests.cast import PASSWORD
from tests.copies import copied

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_OWN = {"SILTA_DATABASE_ROLE", "SILTA_MIGRATING", "SILTA_SECRET_KEY", "PROMETHEUS_MULTIPROC_DIR"}


def until(found: Callable[[], object]) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@contextmanager
def scratch_database(purpose: str) -> Iterator[dict[str, str]]:
    """A copy of the tests' database, cast and all; gives the environment in which both roles enter it."""
    server = os.environ["SILTA_TEST_SERVER"]
    with copied(purpose) as name:
        kept = {key: value for key, value in os.environ.items() if key not in _OWN}
        yield kept | {
            "DATABASE_URL": database.with_user(server, database.APP, name),
            "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, name),
            "SILTA_DEMONSTRATION": "0",
            "SILTA_LOG": "json",
        }


@dataclass
class Product:
    """A running ``silta serve``: its process, its addresses and what it wrote into its log so far."""

    process: "subprocess.Popen[bytes]"
    port: int
    metrics_port: int
    log_file: Path
    environment: dict[str, str]

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def metrics(self) -> dict[str, float]:
        """What Prometheus would read now: each sample by its name and labels, as they are written."""
        text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=20).text
        rows = [line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _space, value in rows}

    def log(self) -> str:
        """The lines of all its processes."""
        return self.log_file.read_text()


@contextmanager
def serving(environment: dict[str, str], home: Path, *options: str) -> Iterator[Product]:
    """Runs ``silta serve`` in a data folder of its own until the end of the block, killed at the latest then."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "static").exists():
        (home / "static").symlink_to(collected_once())
    environment = environment | {"SILTA_HOME": str(home)}
    port, metrics_port, log_file = ports.reserved(), ports.reserved(), home / "log.txt"
    with log_file.open("wb") as log, subprocess.Popen(
        [sys.executable, "-m", "config.cli", "serve", "--port", str(port), "--metrics-port", str(metrics_port), *options],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    ) as process:  # fmt: skip
        made = Product(process, port, metrics_port, log_file, environment)
        try:
            until(lambda: _answers(f"{made.address}/readyz") or process.poll() is not None)
            assert process.poll() is None, made.log()
            until(lambda: _answers(f"http://127.0.0.1:{metrics_port}/metrics"))
            yield made
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def collected_once() -> Path:
    """Where the static files are collected by the first of the tests' products, for all of this process."""
    place = Path(os.environ["SILTA_HOME"]) / f"collected-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    place.mkdir(exist_ok=True)
    return place


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def signed_in(address: str, email: str) -> httpx.Client:
    """A browser in which one of the cast has signed in."""
    browser = httpx.Client(base_url=address, timeout=30)
    page = browser.get("/accounts/login/")
    found = _TOKEN.search(page.text)
    assert found is not None
    answer = browser.post(
        "/accounts/login/", data={"login": email, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
    )
    assert answer.status_code == 302, answer.text
    return browser
