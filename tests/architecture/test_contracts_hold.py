"""The building regulations themselves are tried: each kind of breach, put into a copy of the house, is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LINTER_BREACHES = {
    "an upward import": ("people/rules.py", "from silta.cases import enums"),
    "an upward import inside a function": (
        "people/rules.py",
        "def late() -> None:\n    import silta.cases.enums",
    ),
    "an upward import for types only": (
        "people/rules.py",
        "import typing\nif typing.TYPE_CHECKING:\n    import silta.cases.enums",
    ),
    "a sibling": ("people/rules.py", "from silta.organisations import enums"),
    "operations that know views": ("access/operations.py", "import silta.access.urls"),
    "a room without a storey": ("attic/__init__.py", '"""Nowhere."""'),
    "a utils module": ("people/utils.py", '"""Anything."""'),
    "the composition root imported": ("people/rules.py", "import config.settings"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source and its contracts."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(house: Path) -> int:
    """The exit status of the import linter over the copy."""
    command = (
        "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as c; c()"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=house, capture_output=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(house / "src"), "HOME": str(house)},
    )  # fmt: skip
    return done.returncode


def test_the_house_as_it_stands_is_sound(house: Path) -> None:
    assert lint(house) == 0


@pytest.mark.parametrize("breach", sorted(LINTER_BREACHES))
def test_a_breach_is_caught(house: Path, breach: str) -> None:
    place, line = LINTER_BREACHES[breach]
    path = house / "src" / "silta" / place
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_text((before or "") + "\n" + line + "\n")
        assert lint(house) != 0
    finally:
        path.unlink() if before is None else path.write_text(before)
        if place.startswith("attic"):
            shutil.rmtree(path.parent)
