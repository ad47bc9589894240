"""The command line explains itself, and answers mistakes in sentences."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from config import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _sub_parsers() -> dict[str, argparse.ArgumentParser]:
    actions = cli.parser()._subparsers._group_actions
    return actions[0].choices


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("SILTA_DEMO_PEOPLE", raising=False)


def test_the_whole_help(snapshot: SnapshotAssertion) -> None:
    assert cli.parser().format_help() == snapshot


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_each_command_has_complete_help(command: str, snapshot: SnapshotAssertion) -> None:
    parser = _sub_parsers()[command]
    assert parser.description
    assert parser.epilog
    assert [action.dest for action in parser._actions if not action.help] == []
    assert parser.format_help() == snapshot


def test_the_first_page_names_every_command() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in cli.COMMANDS if f"`silta {command}" not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_documents_speak_of_options_that_there_are(page: Path) -> None:
    parsers = _sub_parsers()
    for command, said in re.findall(r"\bsilta ([a-z]+)( [^`|\n]*)?", page.read_text(encoding="utf-8")):
        if command in parsers and command != "manage":
            known = {option for action in parsers[command]._actions for option in action.option_strings}
            assert set(re.findall(r"--[a-z-]+", said)) <= known, f"silta {command}{said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--port", "none"], "“none” is not a port"),
        (["serve", "--port", "70000"], "“70000” is not a port"),
        (["serve", "--workers", "0"], "“0” is not a number of processes"),
        (["demo", "--people", "many"], "“many” is not a number of people"),
        (["import", "x.csv", "--as", "a@b.example", "--service", "nothing"], "is not of the form NAME=KIND"),
    ],
)
def test_unsound_arguments_are_told_in_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_missing_file_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "/nowhere.csv", "--as", "paula.laine@tyollisyys.example"]) == 1
    assert capsys.readouterr().err == "There is no file /nowhere.csv.\n"


def test_a_room_that_does_not_exist_is_told_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["messages", "kitchen"]) == 2
    assert "There is no room called kitchen. Rooms: access," in capsys.readouterr().out


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": "postgresql://silta_app@127.0.0.1:1/silta",
        "SILTA_HOME": str(tmp_path),
    }
    environment.pop("DATABASE_OWNER_URL")
    ran = subprocess.run(
        [sys.executable, "-m", "config.cli", "demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "This did not work: " in ran.stderr
    assert "silta doctor" in ran.stderr
