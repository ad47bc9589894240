"""The bench writes: it works on regions that it made itself, and on nobody's data."""

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from config import database
from config.benching import load, scratch
from config.cli import parser
from config.commands import bench


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("nothing is to be started")

    monkeypatch.setattr(scratch.subprocess, "run", refuse)
    monkeypatch.setattr(database, "start_embedded", refuse)


def test_a_folder_with_somebodys_database_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "postgres").mkdir()
    chosen = parser().parse_args(["bench", "--keep", str(tmp_path)])
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SILTA_HOME", "SILTA_DEMONSTRATION", "DATABASE_URL", "DATABASE_OWNER_URL"):
            patch.setenv(name, "kept")
        assert bench.run(chosen) == 1
    assert "did not make" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]


def test_a_region_of_fewer_people_is_not_measured_as_one_of_more(tmp_path: Path) -> None:
    (tmp_path / "people").write_text("10000")
    with pytest.raises(scratch.NotScratchError, match="10000 people"):
        scratch.region(tmp_path, 1_000_000)


@pytest.mark.parametrize("rounds", ["0", "-1", "many"])
def test_a_page_is_asked_for_at_least_once(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["bench", "--rounds", rounds])
    assert "is not a number to count to" in capsys.readouterr().err


def test_only_one_thing_is_compared_at_a_time() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["bench", "--growth", "--without-row-security"])
    assert isinstance(parser().parse_args(["bench", "--growth"]), argparse.Namespace)


def test_the_answers_of_all_kinds_of_request_are_counted_together() -> None:
    rows: list[dict[str, Any]] = [
        {"num_requests": 10, "num_failures": 1, "response_times": {"10": 8, "900.0": 2}},
        {"num_requests": 10, "num_failures": 0, "response_times": {"20": 10}},
    ]
    assert load._line("all together", rows) == load.Line("all together", 20, 1, 20.0, 900.0, 900.0)
    assert load._line("none", []) == load.Line("none", 0, 0, 0.0, 0.0, 0.0)


def test_without_locust_nobody_is_let_loose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(load.LoadError, match="locust is not installed"):
        load.run(parser().parse_args(["bench", "--load", "2"]), tmp_path, "")


def test_only_web_processes_below_a_process_are_looked_at() -> None:
    assert load.memory(os.getpid()) == []


def test_a_second_region_is_made_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SILTA_HOME", "DATABASE_URL", "DATABASE_OWNER_URL", "SILTA_EMBEDDED", "SILTA_DATABASE_ROLE"):
        monkeypatch.setenv(name, "of the first")
    told = scratch.environment(tmp_path)
    assert told["SILTA_HOME"] == str(tmp_path)
    assert "of the first" not in told.values()
