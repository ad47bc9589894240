"""Two servers before one database are one Silta: for users, for programs, for jobs, and for whoever guesses."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.attacks.test_secrets import EERO
from tests.running.product import ROOT, Product, scratch_database, serving, signed_in

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TIINA = "tiina.rautio@arviointi.example"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Product, Product]]:
    """Two servers of pages with data folders of their own; the second does not know the owner's address."""
    homes = Path(tempfile.mkdtemp(prefix="silta-several-"))
    with scratch_database("several") as database:
        common = database | {"SILTA_SECRET_KEY": "s" * 60, "SILTA_BEHIND_PROXY": "2"}
        pages_only = {name: value for name, value in common.items() if name != "DATABASE_OWNER_URL"}
        with (
            serving(common, homes / "first", "--no-worker") as first,
            serving(pages_only, homes / "second", "--no-worker") as second,
        ):
            yield first, second
    shutil.rmtree(homes, ignore_errors=True)


def _at(address: str, browser: httpx.Client) -> httpx.Client:
    """The same browser, sent to another server by the proxy."""
    return httpx.Client(base_url=address, cookies=browser.cookies, timeout=60)


def _hidden(page: httpx.Response, action: str) -> dict[str, str]:
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', page.text, re.DOTALL)
    assert form is not None, action
    return dict(_HIDDEN.findall(form[0]))


def test_a_session_begun_at_one_server_goes_on_at_the_other_and_ends_at_both(
    servers: tuple[Product, Product],
) -> None:
    first, second = servers
    begun = signed_in(first.address, EERO)
    continued = _at(second.address, begun)
    page = continued.get("/")
    assert page.status_code == 200
    assert "Eero Virtanen" in page.text
    left = continued.post("/accounts/logout/", data=_hidden(page, "/accounts/logout/"))
    assert left.status_code == 302
    assert begun.get("/").status_code == 302, "the session still lives at the first server"


def test_a_form_opened_at_one_server_is_accepted_at_the_other_and_its_job_done_by_anothers_worker(
    servers: tuple[Product, Product],
) -> None:
    first, second = servers
    opened = signed_in(first.address, TIINA)
    page = opened.get("/figures/")
    sent = _at(second.address, opened).post("/figures/order/", data=_hidden(page, "/figures/order/"))
    assert sent.status_code in {200, 302}, sent.text
    with psycopg.connect(first.environment["DATABASE_OWNER_URL"], autocommit=True) as watch:
        # By its name: at the hour of the night's figures the worker does those too.
        queued = (
            "SELECT task_name, status::text FROM procrastinate_jobs WHERE task_name = 'evaluation.reckon'"
        )
        assert [status for _name, status in watch.execute(queued)] == ["todo"]
        worker = first.environment | {
            "SILTA_HOME": str(Path(first.environment["SILTA_HOME"]).parent / "third")
        }
        ran = subprocess.run(
            [sys.executable, "-m", "config.cli", "worker", "--once"], env=worker, cwd=ROOT, capture_output=True,
            text=True, check=False, timeout=240,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert [status for _name, status in watch.execute(queued)] == ["succeeded"]


def test_whoever_guesses_is_counted_at_all_servers_by_the_address_the_outer_proxy_saw(
    servers: tuple[Product, Product],
) -> None:
    def guess(product: Product, number: int, address: str) -> int:
        forged = f"203.0.113.{number % 250}"
        headers = {
            "authorization": f"Bearer guess{number}",
            "x-forwarded-for": f"{forged}, {address}, 10.0.0.2",
        }
        return asking.get(f"{product.address}/api/v1/cases", headers=headers).status_code

    with httpx.Client(timeout=60) as asking:
        found: list[int] = []
        # Counted by the minute of the clock: what came before it turned counts no more.
        while 429 not in found and len(found) < 1000:
            found.append(guess(servers[len(found) % 2], len(found), "198.51.100.4"))
        other = guess(servers[0], 0, "198.51.100.5")
    assert set(found) == {401, 429}, "the limit of a minute was never met"
    assert found.index(429) >= 60
    assert other == 401, "another's guesses were counted against her"


def test_a_server_of_pages_knows_neither_the_owner_nor_what_only_the_owner_may_know(
    servers: tuple[Product, Product],
) -> None:
    knows, does_not = servers[0].metrics(), servers[1].metrics()
    assert "silta_journal_events" in knows
    assert "silta_journal_events" not in does_not
    assert does_not["silta_database_answers"] == 1
