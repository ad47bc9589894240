"""A web process stays small, whatever was asked of it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import database, memory
from tests.cast import PROFESSIONALS
from tests.running.product import ROOT, Product, scratch_database, serving, signed_in

MOST = 250 * 1024 * 1024
_WALKERS = ("eero", "paula", "tiina", "officer", "admin")


@pytest.fixture
def written_into(tmp_path: Path) -> Iterator[Product]:
    """A product of this test's own, for it writes a whole situation into its database."""
    with (
        scratch_database("memory") as environment,
        serving(environment, tmp_path / "home", "--workers", "2") as running,
    ):
        yield running


def _pages(product: Product) -> list[tuple[str, list[str]]]:
    superuser = database.with_user(
        product.environment["DATABASE_OWNER_URL"],
        "postgres",
        product.environment["DATABASE_URL"].partition("?")[0].rpartition("/")[2],
    )
    own = product.environment | {
        "DATABASE_URL": superuser,
        "DATABASE_OWNER_URL": superuser,
        "SILTA_DATABASE_ROLE": "owner",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.running.situating"], env=own, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [(address, who) for address, who in json.loads(ran.stdout.splitlines()[-1])]


def _web_processes(product: Product) -> list[memory.Used]:
    named = [re.search(r'pid="(\d+)",process="web"', name) for name in product.metrics()]
    found = [memory.of(int(one[1])) for one in named if one]
    return [one for one in found if one is not None]


def test_after_a_walk_through_every_page_a_web_process_is_within_its_bar(written_into: Product) -> None:
    product = written_into
    pages, answered = _pages(product), 0
    for name in _WALKERS:
        browser = signed_in(product.address, PROFESSIONALS[name][1])
        for address, who in pages:
            if name in who:
                answer = browser.get(address)
                assert answer.status_code < 500, address
                answered += answer.status_code == 200
    assert answered > 150
    used = _web_processes(product)
    assert used
    largest = max(one.resident for one in used)
    told = f"a web process after {answered} pages: {largest / 1024 / 1024:.0f} MB resident"
    sys.stdout.write(f"{told}\n")
    assert largest <= MOST, told
