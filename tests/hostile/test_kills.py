"""``kill -9`` in the middle of writes: what was answered is there whole, what was not is there whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from config import database
from tests.copies import copied
from tests.hostile.installation import ROOT
from tests.hostile.registering import traces

# In every run so many; the whole two hundred by SILTA_TEST_KILLS=200 (docs/hostile-day.md tells when that was done last).
KILLS = int(os.environ.get("SILTA_TEST_KILLS", "25"))
SEED = 20260302
_FOUND = 302


@pytest.fixture
def scratch() -> Iterator[str]:
    with copied("kills") as name:
        yield name


def test_a_killed_web_process_loses_nothing_it_answered_and_leaves_no_half_of_anything(scratch: str) -> None:
    server = os.environ["SILTA_TEST_SERVER"]
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"SILTA_DATABASE_ROLE", "DATABASE_OWNER_URL"}
    } | {"DATABASE_URL": database.with_user(server, database.APP, scratch)}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile.killing", str(KILLS), str(SEED)], env=environment, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = [line.split() for line in ran.stdout.splitlines()]
    begun = [line[2] for line in told if line[1] == "begun"]
    answered = {line[2]: int(line[3]) for line in told if line[1] == "answered"}
    assert len({line[0] for line in told}) == KILLS
    assert set(answered.values()) <= {_FOUND}
    cut_short = [key for key in begun if key not in answered]
    assert len(cut_short) >= KILLS // 2, "hardly anything was killed in the middle of a write"
    assert len(answered) >= KILLS // 4, "hardly anything was answered"
    with psycopg.connect(database.with_user(server, "postgres", scratch), autocommit=True) as reader:
        whole = traces(reader, next(iter(answered)))
        assert min(whole.values()) >= 1
        lost = [key for key in answered if traces(reader, key) != whole]
        assert lost == [], "answered, and not there whole"
        nothing = dict.fromkeys(whole, 0)
        halves = {key: found for key in cut_short if (found := traces(reader, key)) not in (whole, nothing)}
        assert halves == {}, "half of a write is there"
        written = sum(traces(reader, key) == whole for key in cut_short)
    sys.stdout.write(
        f"{KILLS} kills: {len(answered)} writes answered and all there; {len(cut_short)} cut short, of which {written} "
        "had been committed whole and the others left nothing\n"
    )
