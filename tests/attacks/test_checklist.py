"""docs/security.md is true: every test it names exists, and every row has a test or a reason."""

import ast
import functools
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
REASON = re.compile(r"Not applicable|make audit|bound by agreement|operator's")
# The attacks that the list must hold, each by a word of its own.
ATTACKS = (
    "Identifiers guessed", "leaking between", "redirects", "Markup", "Formulas", "uploads", "CSRF", "fixation and theft",
    "throttling", "Secrets in logs", "search suggestions", "error messages", "Timing", "switched off by mistake",
    "tampered journal", "stolen token", "curious administrator",
)  # fmt: skip


def _rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@functools.cache
def _tests_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 100
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (TESTS / file).exists() or test not in _tests_of(file)
    ]
    assert missing == []


def test_every_row_has_a_test_or_a_reason() -> None:
    rows = [row for row in _rows() if row[0] not in {"Attack", "Numbers"}]
    assert len(rows) > 60
    assert [row[0] for row in rows if not (NAMED.search(row[-1]) or REASON.search(row[-1]))] == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_list_holds_every_attack(attack: str) -> None:
    assert any(attack in row[0] for row in _rows())


def test_every_chapter_of_the_standard_has_its_rows() -> None:
    chapters = {int(number) for row in _rows() for number in re.findall(r"\b(\d+)\.\d+\.\d+", row[0])}
    assert chapters == set(range(1, 15))
