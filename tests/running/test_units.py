"""The units of systemd are sound, start what there is, and shut each process in."""

import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from config import cli
from tests.running.product import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
_ANALYZE = shutil.which("systemd-analyze")
_MOST_EXPOSED = 2.0


def _read(unit: Path) -> ConfigParser:
    found = ConfigParser(interpolation=None, strict=False)
    found.optionxform = str
    found.read(unit)
    return found


def _here(folder: Path) -> list[str]:
    """The units as they would stand on this machine: with its folder and its program."""
    for unit in UNITS:
        (folder / unit.name).write_text(
            unit.read_text()
            .replace("/opt/silta/.venv/bin/silta", "/bin/true")
            .replace("WorkingDirectory=/opt/silta", "WorkingDirectory=/")
        )
    return [str(folder / unit.name) for unit in UNITS]


def test_there_are_units_for_pages_jobs_and_the_journal() -> None:
    assert [unit.name for unit in UNITS] == [
        "silta-journal.service", "silta-journal.timer", "silta-web.service", "silta-worker.service",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_each_starts_a_command_there_is(unit: Path) -> None:
    program, *arguments = shlex.split(_read(unit)["Service"]["ExecStart"])
    assert program == "/opt/silta/.venv/bin/silta"
    assert cli.parser().parse_args(arguments).command == arguments[0]


def test_systemd_waits_longer_than_silta_drains() -> None:
    web = _read(ROOT / "deploy/systemd/silta-web.service")["Service"]
    drained = cli.parser().parse_args(shlex.split(web["ExecStart"])[1:]).drain
    assert drained < int(web["TimeoutStopSec"])
    assert web["KillMode"] == "mixed", "the processes of Silta hear of it from the one that keeps them"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_each_is_shut_in(unit: Path) -> None:
    service = _read(unit)["Service"]
    assert service["User"] == "silta"
    assert {name: service[name] for name in ("NoNewPrivileges", "ProtectHome", "PrivateDevices", "UMask")} == {
        "NoNewPrivileges": "yes", "ProtectHome": "yes", "PrivateDevices": "yes", "UMask": "0077",
    }  # fmt: skip
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


if _ANALYZE:

    def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
        ran = subprocess.run(
            [_ANALYZE, "verify", *_here(tmp_path)], capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
    def test_systemd_calls_its_exposure_low(unit: Path, tmp_path: Path) -> None:
        _here(tmp_path)
        ran = subprocess.run(
            [_ANALYZE, "security", "--offline=true", f"--threshold={_MOST_EXPOSED * 10:.0f}", str(tmp_path / unit.name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout.splitlines()[-1]
