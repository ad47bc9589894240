"""silta import: what the command tells, what it writes, and what it hands back."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from config.commands import importing as command
from silta.cases.models import Case
from tests.cast import Cast, as_owner
from tests.intake.conftest import MAIJA, MATTI

Ran = Callable[..., tuple[int, str]]


@pytest.fixture
def ran(cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Runs the command with these words; its status and all that it printed."""
    monkeypatch.setattr("config.starting.set_up", lambda: None)

    def run(*words: str, by: str = "paula.laine@tyollisyys.example") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        status = command.run(parser.parse_args([*words, "--as", by]))
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def test_each_problem_is_told_by_row_and_column_and_sound_rows_go_in_when_asked(
    ran: Ran, written: Callable[..., Path], tmp_path: Path
) -> None:
    wrong = MATTI.replace(MATTI.split(";")[3], "010190-999Z", 1)
    path = written(MAIJA, wrong)
    bad = tmp_path / "to-mend.csv"
    before = cases()

    status, told = ran(str(path))
    assert status == 0
    assert [line for line in told.splitlines() if line.startswith("     3  Henkilötunnus: “010190-999Z”")]
    assert "bad 1" in told
    assert "ready 1" in told
    assert cases() == before, "without --write nothing is written"

    status, told = ran(str(path), "--write", "--bad-rows", str(bad), "--language", "en")
    assert status == 0
    assert "new 1" in told
    assert cases() == before + 1
    assert "010190-999Z" in bad.read_text(encoding="utf-8-sig")
    assert MAIJA.split(";")[0] not in bad.read_text(encoding="utf-8-sig")


def test_who_may_not_import_is_told_so(ran: Ran, written: Callable[..., Path]) -> None:
    assert ran(str(written(MAIJA)), by="eero.virtanen@tyollisyys.example")[0] == 1
    assert ran(str(written(MAIJA)), by="nobody@tyollisyys.example")[0] == 1


def cases() -> int:
    """How many cases there are."""
    with as_owner():
        return Case.objects.count()
