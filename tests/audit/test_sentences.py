"""Every act the code can write to the journal is told in words, in all three languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from silta.audit import rules

SOURCE = Path(__file__).resolve().parents[2] / "src" / "silta"
# Calls that write to the journal, and what stands before the word they are given.
_WRITERS = {"record": "", "_journal": "", "finish": "cases."}


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def acts_written() -> Iterator[tuple[str, str]]:
    """Every act named in a call that writes to the journal: the file, and the code as a pattern."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and _called(node) in _WRITERS):
                continue
            prefix = _WRITERS[_called(node)] if path.parts[-3:-1] == ("cases", "operations") else ""
            for argument in node.args:
                for word in ast.walk(argument):
                    if isinstance(word, ast.JoinedStr):
                        text = "".join(v.value if isinstance(v, ast.Constant) else "*" for v in word.values)
                        yield str(path), prefix + text
                        break
                    if (
                        isinstance(word, ast.Constant)
                        and isinstance(word.value, str)
                        and not prefix
                        and "." in word.value
                    ):
                        yield str(path), word.value
                    elif isinstance(word, ast.Constant) and isinstance(word.value, str) and prefix:
                        yield str(path), prefix + word.value


def test_every_act_is_registered() -> None:
    unknown = []
    for path, code in acts_written():
        pattern = re.compile(re.escape(code).replace(r"\*", "[a-z_]+"))
        if not any(pattern.fullmatch(known) for known in rules.sentences()):
            unknown.append((path, code))
    assert not unknown
    assert len(list(acts_written())) > 60


@pytest.mark.parametrize("code", sorted(rules.sentences()))
def test_every_act_is_told_in_three_languages(code: str) -> None:
    words = rules.sentences()[code]
    assert len({words.fi, words.sv, words.en}) == 3
    assert all(
        text.strip() == text and text and not text.endswith(".") for text in (words.fi, words.sv, words.en)
    )


def test_an_act_is_told_in_the_readers_language() -> None:
    with translation.override("sv"):
        assert rules.told("cases.open") == "öppnade ärendet"
    with translation.override("fi"):
        assert rules.told("cases.open") == "avasi asian"
    assert rules.told("nowhere.known") == "nowhere.known"
