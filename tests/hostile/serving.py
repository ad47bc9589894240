"""A running Silta (``silta serve``: the network server, its web processes, its worker) and people at their browsers."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg

from silta.kernel.identifiers import new_id
from tests import ports
from tests.cast import PASSWORD
from tests.hostile import registering
from tests.hostile.installation import ROOT

PATIENCE = 180.0
NO_ANSWER, FOUND, OK, UNAVAILABLE = 0, 302, 200, 503


def until(found: Callable[[], object], what: str = "it") -> None:
    """Waits until it is so; fails where it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


@dataclass
class Served:
    """The running product."""

    port: int
    process: psutil.Process

    def status(self, path: str) -> int:
        """What one address answers; 0 where nothing does."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30).status_code
        except httpx.TransportError:
            return NO_ANSWER

    def web_processes(self) -> list[psutil.Process]:
        """The processes that answer pages, below the one that holds the port."""
        return [child for part in self._parts("granian") for child in part.children()]

    def workers(self) -> list[psutil.Process]:
        """The processes that run jobs."""
        return self._parts("config.cli worker")

    def _parts(self, word: str) -> list[psutil.Process]:
        found = []
        for child in self.process.children():
            try:
                if word in " ".join(child.cmdline()):
                    found.append(child)
            except (psutil.ZombieProcess, psutil.NoSuchProcess):
                continue
        return found


@contextmanager
def serving(environment: dict[str, str], *arguments: str) -> Iterator[Served]:
    """Runs ``silta serve`` until the end of the block."""
    static, collected = (
        Path(environment["SILTA_HOME"]) / "static",
        Path(os.environ["SILTA_HOME"]) / "collected",
    )
    if collected.exists() and not static.exists():
        shutil.copytree(collected, static)
    port = ports.reserved()
    with subprocess.Popen(
        [sys.executable, "-m", "config.cli", "serve", "--port", str(port), *arguments], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        served = Served(port, psutil.Process(process.pid))
        try:
            until(lambda: served.status("/readyz") == OK or process.poll() is not None, "Silta to be ready")
            yield served
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


@dataclass
class Ledger:
    """What people were answered: of each write its last status; of all attempts to write, and of all reads, how often which."""

    writes: dict[str, int] = field(default_factory=dict)
    attempts: Counter[int] = field(default_factory=Counter)
    reads: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def answered(self) -> list[str]:
        """The writes of which it was said that they are done."""
        return [key for key, status in list(self.writes.items()) if status == FOUND]

    def unanswered(self) -> list[str]:
        """The writes of which nobody knows, or that were refused."""
        return [key for key, status in list(self.writes.items()) if status != FOUND]


class Person:
    """Somebody at a browser of her own, signed in over the network."""

    def __init__(self, served: Served, ledger: Ledger, *, user: str = registering.USER) -> None:
        self._browser = httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=30)
        self._ledger = ledger
        page = "/accounts/login/"
        until(lambda: served.status(page) == OK, "the page of sign-in")
        self._browser.get(page)
        signed_in = self._post(page, {"login": user, "password": PASSWORD})
        assert signed_in.status_code == FOUND, "could not sign in"

    def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        return self._browser.post(
            path, data=form, headers={"X-CSRFToken": self._browser.cookies.get("csrftoken", "")}
        )

    def write(self, key: str) -> int:
        """Sends one form; sends it again under the same key where that is asked of her."""
        try:
            status = self._post(registering.PATH, registering.form(key)).status_code
        except httpx.TransportError:
            status = NO_ANSWER
        self._ledger.writes[key] = status
        self._ledger.attempts[status] += 1
        if status not in {FOUND, UNAVAILABLE, NO_ANSWER}:
            self._ledger.wrong.append(f"write {key}: {status}")
        return status

    def read(self, key: str) -> int:
        """Opens the page of a case of hers; what is answered at all must be that page."""
        try:
            answer = self._browser.get(f"/cases/{key}/")
            status, told = answer.status_code, answer.text
        except httpx.TransportError:
            status, told = NO_ANSWER, ""
        self._ledger.reads[status] += 1
        is_right = registering.name(key) in told if status == OK else status in {UNAVAILABLE, NO_ANSWER}
        if not is_right:
            self._ledger.wrong.append(f"read {key}: {status}")
        return status

    def upload(self, path: str, name: str, content: bytes) -> httpx.Response:
        """Sends a file from a page that takes one."""
        token = self._browser.cookies.get("csrftoken", "")
        return self._browser.post(path, files={"file": (name, content)}, headers={"X-CSRFToken": token})

    def close(self) -> None:
        """Closes her browser."""
        self._browser.close()


@contextmanager
def people_at_work(served: Served, ledger: Ledger, number: int = 3) -> Iterator[None]:
    """So many people write and read, each in a thread of her own, until the end of the block."""
    going = threading.Event()
    going.set()
    crowd = [Person(served, ledger) for _one in range(number)]

    def work(person: Person) -> None:
        known = ""
        while going.is_set():
            key = str(new_id())
            while going.is_set() and person.write(key) != FOUND:
                time.sleep(0.2)  # She sends the same form again, as the page asks her to.
                if known:
                    person.read(known)
            known = key if ledger.writes[key] == FOUND else known
            if known:
                person.read(known)

    threads = [threading.Thread(target=work, args=[person]) for person in crowd]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        going.clear()
        for thread in threads:
            thread.join()


def kill_one(processes: list[psutil.Process], chance: random.Random) -> int:
    """Kills one of them without warning; returns its number."""
    victim = chance.choice(processes)
    os.kill(victim.pid, signal.SIGKILL)
    return int(victim.pid)


def send_the_last_again(served: Served, ledger: Ledger) -> None:
    """What was not answered when people stopped working is sent once more."""
    again = Person(served, ledger)
    for key in ledger.unanswered():
        again.write(key)
    again.close()


def each_is_there_once(address: str, ledger: Ledger) -> None:
    """Every write was answered in the end, nothing was answered wrongly, and each is there once and whole."""
    assert ledger.wrong == []
    assert ledger.unanswered() == []
    with psycopg.connect(address, autocommit=True) as reader:
        answered = ledger.answered()
        whole = registering.traces(reader, answered[0])
        assert min(whole.values()) >= 1
        assert whole["cases_case"] == whole["people_person"] == 1
        differing = {key: found for key in answered if (found := registering.traces(reader, key)) != whole}
    assert differing == {}, "answered, and not there once and whole"
