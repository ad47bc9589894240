"""The bench writes: it works on regions that it made itself, and on nobody's data."""

import argparse
from pathlib import Path

import pytest

from config import database
from config.benching import scratch
from config.cli import parser
from config.commands import bench


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("nothing is to be started")

    monkeypatch.setattr(scratch.subprocess, "run", refuse)  # type: ignore[attr-defined]
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
    assert "is not a number of rounds" in capsys.readouterr().err


def test_only_one_thing_is_compared_at_a_time() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["bench", "--growth", "--without-row-security"])
    assert isinstance(parser().parse_args(["bench", "--growth"]), argparse.Namespace)
