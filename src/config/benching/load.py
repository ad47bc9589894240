"""Many users at once against the production server: its processes on the scratch region, locust in a process beside them.

Nobody's throttling is switched off: the users are signed in ahead, by sessions written to the scratch region itself.
"""

import argparse
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from config import database
from config.benching import pages, scratch

_WORKERS = 2
_PORT_PATIENCE = 120.0
_SECONDS = 120
# With pauses: nothing fails, and this is the 95th percentile in milliseconds. Without: so many requests a second.
LATE, LEAST = 500.0, 75.0
_CASES = 12
_KB = 1024


class LoadError(RuntimeError):
    """The load could not be brought on."""


@dataclass(frozen=True)
class Line:
    """What locust counted of one kind of request, or of all together; times in milliseconds."""

    name: str
    requests: int
    failures: int
    median: float
    late: float
    latest: float


def run(chosen: argparse.Namespace, home: Path, server: str) -> bool:
    """Starts the server, lets the users loose, prints what happened; whether the bars were kept."""
    if importlib.util.find_spec("locust") is None:
        raise LoadError(
            "locust is not installed: it is among the packages of development (requirements/dev.txt)."
        )
    connection = scratch.connected(server)
    with scratch.entered(connection):
        told = _told(chosen, server)
    connection.close()
    print(f"{chosen.load} users ({len(told['users'])} who signed in), {chosen.think:g} s of thinking, {_SECONDS} s;"
          " locust works on the same processors as the server and the database", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="silta-load-") as folder, _served(home) as (host, process):
        told["host"] = host
        before = memory(process.pid)
        lines, seconds = _loosed(chosen, told, Path(folder))
        after = memory(process.pid)
    return _print(chosen, lines, seconds, before, after)


def _told(chosen: argparse.Namespace, server: str) -> dict[str, Any]:
    """What the users know: their sessions and cases, and what is typed."""
    users = list(_signed_in(_busiest(server, chosen.load)))
    if not users:
        raise LoadError("the region has no worker with open cases")
    return {
        "users": users, "think": chosen.think, "reads_only": chosen.think == 0,
        "registering": pages.registering(0), "plan": pages.plan(), "contact": pages.contact(),
    }  # fmt: skip


def _busiest(server: str, most: int) -> list[UUID]:
    """The workers with the most open cases of the whole region."""
    with psycopg.connect(database.with_user(server, database.OWNER)) as connection:
        rows = connection.execute(
            "SELECT responsible_id FROM cases_case WHERE state = 'open' AND responsible_id IS NOT NULL"
            " GROUP BY responsible_id ORDER BY count(*) DESC, responsible_id LIMIT %s", [most],
        )  # fmt: skip
        return [key for (key,) in rows]


def _signed_in(busiest: list[UUID]) -> Iterator[dict[str, Any]]:
    """Workers who are signed in: of each her session, a token for forms and some of her cases."""
    from django.middleware.csrf import get_token
    from django.test import Client, RequestFactory

    from silta.access import queries as access
    from silta.accounts.models import User

    for user in User.objects.filter(pk__in=busiest, is_active=True).order_by("email"):
        actor = access.actor_for(user.pk)
        cases = pages.cases_of(actor, _CASES) if actor else []
        if actor and cases:
            client = Client()
            client.force_login(user)
            yield {
                "session": client.cookies["sessionid"].value, "cases": [str(case.pk) for case in cases],
                "plannable": pages.ready_for_a_plan(actor, cases), "token": get_token(RequestFactory().get("/")),
            }  # fmt: skip


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The production server on the region, as ``silta serve`` starts it."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    environment.pop("SILTA_EMBEDDED", None)
    with (home / "serving.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.cli", "serve", "--port", str(port), "--workers", str(_WORKERS), "--no-worker"],
            env=environment | {"SILTA_HOME": str(home)}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(host: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + _PORT_PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            httpx.get(f"{host}/accounts/login/", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise LoadError("the server did not start: serving.log in the region's folder tells why")


def _loosed(chosen: argparse.Namespace, told: dict[str, Any], folder: Path) -> tuple[list[Line], float]:
    known, found = folder / "told.json", folder / "found"
    known.touch(mode=0o600)
    known.write_text(json.dumps(told))
    crowd = Path(__file__).with_name("crowd.py")
    command = [
        sys.executable, "-m", "locust", "-f", str(crowd), "--headless", "--users", str(chosen.load),
        "--spawn-rate", str(max(1, chosen.load // 10)), "--run-time", f"{_SECONDS}s", "--stop-timeout", "10",
        "--reset-stats", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0", "--json-file", str(found),
    ]  # fmt: skip
    subprocess.run(command, env=os.environ | {"SILTA_LOAD": str(known)}, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    rows = json.loads(found.with_suffix(".json").read_text())
    lines = [_line(row["name"], [row]) for row in sorted(rows, key=lambda row: -int(row["num_requests"]))]
    began, ended = min(row["start_time"] for row in rows), max(row["last_request_timestamp"] for row in rows)
    return [*lines, _line("all together", rows)], ended - began


def _line(name: str, rows: list[dict[str, Any]]) -> Line:
    times: dict[float, int] = {}
    for row in rows:
        for taken, many in row["response_times"].items():
            times[float(taken)] = times.get(float(taken), 0) + int(many)
    return Line(
        name, sum(row["num_requests"] for row in rows), sum(row["num_failures"] for row in rows), _within(times, 0.5),
        _within(times, 0.95), max(times, default=0.0),
    )  # fmt: skip


def _within(times: dict[float, int], share: float) -> float:
    """The time within which this share of the answers came."""
    left = share * sum(times.values())
    for taken in sorted(times):
        left -= times[taken]
        if left <= 0:
            return taken
    return 0.0


def memory(parent: int) -> list[int]:
    """What each web process below this one holds of the machine's memory, in megabytes."""
    found = []
    for process in _below(parent):
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"granian" in command:
            status = Path(f"/proc/{process}/status").read_text()
            held = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            found.append(int(held.split()[1]) // _KB)
    return found


def _below(parent: int) -> Iterator[int]:
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _below(child)


def _print(
    chosen: argparse.Namespace, lines: list[Line], seconds: float, before: list[int], after: list[int]
) -> bool:
    print(f"{'request':16}{'number':>9}{'failed':>8}{'p50 ms':>9}{'p95 ms':>9}{'most ms':>9}")
    for line in lines:
        print(
            f"{line.name:16}{line.requests:9}{line.failures:8}{line.median:9.0f}{line.late:9.0f}{line.latest:9.0f}"
        )
    whole, rate = lines[-1], lines[-1].requests / seconds
    print(f"{rate:.1f} requests a second; memory of the web processes: {before} MB before, {after} MB after")
    kept = whole.failures == 0 and (whole.late <= LATE if chosen.think else rate >= LEAST)
    print("every bar was kept" if kept else "a bar was not kept")
    return kept
