"""The running product under people who write and read: its database stops, and its processes are killed."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config import database
from tests.hostile import serving
from tests.hostile.conftest import folder_for_a_server
from tests.hostile.installation import Installation, copied_from_the_tests_server
from tests.hostile.serving import Ledger, Served, people_at_work, until

# One in five of the kills of test_kills.py; each costs the seconds in which a new process comes up.
KILLS = max(4, int(os.environ.get("SILTA_TEST_KILLS", "25")) // 5)
SEED = 20260302


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A server of its own with the cast."""
    with folder_for_a_server() as folder:
        made = copied_from_the_tests_server(folder / "home")
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def served(installation: Installation) -> Iterator[Served]:
    """The product, entering that server by the two roles as in production; it does not know how to start it."""
    with serving.serving(installation.environment | _addresses(installation)) as running:
        yield running


def _addresses(installation: Installation) -> dict[str, str]:
    server = installation.start()
    return {
        "DATABASE_URL": database.with_user(server, database.APP),
        "DATABASE_OWNER_URL": database.with_user(server, database.OWNER),
    }


def test_a_database_that_stops_under_load_is_told_and_recovered_from_without_hands(
    installation: Installation, served: Served
) -> None:
    ledger = Ledger()
    with people_at_work(served, ledger):
        until(lambda: len(ledger.answered()) >= 5)
        web = {process.pid for process in served.web_processes()}
        installation.stop("immediate")
        until(lambda: ledger.reads[serving.UNAVAILABLE] >= 5 and ledger.attempts[serving.UNAVAILABLE] >= 5)
        page = httpx.get(
            f"http://127.0.0.1:{served.port}/", headers={"Accept-Language": "en", "Cookie": f"sessionid={'x' * 32}"}
        )  # fmt: skip
        assert (page.status_code, page.headers["Retry-After"]) == (serving.UNAVAILABLE, "10")
        assert "Silta does not answer just now" in page.text
        assert served.status("/healthz") == serving.OK
        assert served.status("/readyz") == serving.UNAVAILABLE
        before = len(ledger.answered())
        installation.start()
        until(lambda: served.status("/readyz") == serving.OK)
        until(lambda: len(ledger.answered()) >= before + 5)
        until(served.workers)
    assert {process.pid for process in served.web_processes()} == web
    serving.send_the_last_again(served, ledger)
    serving.each_is_there_once(installation.start(), ledger)


def test_web_processes_of_the_network_server_are_killed_and_come_back(
    installation: Installation, served: Served
) -> None:
    ledger, chance = Ledger(), random.Random(SEED)  # noqa: S311 - moments to kill at, told so that a run can be repeated
    with people_at_work(served, ledger):
        for _kill in range(KILLS):
            until(served.web_processes)
            before = len(ledger.answered())
            until(lambda before=before: len(ledger.answered()) >= before + chance.randint(2, 6))
            serving.kill_one(served.web_processes(), chance)
    serving.send_the_last_again(served, ledger)
    serving.each_is_there_once(installation.start(), ledger)
    assert ledger.attempts[serving.NO_ANSWER], "nobody met a killed process"
    sys.stdout.write(
        f"{KILLS} kills of web processes behind the network server: {len(ledger.answered())} writes answered, each there "
        f"once; {ledger.attempts[serving.NO_ANSWER]} attempts without an answer, sent again\n"
    )


def test_an_embedded_database_that_was_killed_comes_back_with_the_product() -> None:
    with folder_for_a_server() as folder:
        made = copied_from_the_tests_server(folder / "home")
        with serving.serving(made.environment | {"SILTA_DEMONSTRATION": "0"}, "--no-worker") as running:
            server = _first_process(made.data)
            os.kill(server, 9)
            until(lambda: _first_process(made.data) not in {0, server})
            until(lambda: running.status("/readyz") == serving.OK)
            assert running.status("/accounts/login/") == serving.OK


def _first_process(data: Path) -> int:
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0
