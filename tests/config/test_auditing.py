"""Vulnerable packages fail the check; a missing network is said and fails nothing."""

import json

import pytest

from config import auditing


def _told(*vulnerabilities: dict[str, object]) -> str:
    return json.dumps({"dependencies": [
        {"name": "silta", "skip_reason": "not on the index"},
        {"name": "django", "version": "5.2.19", "vulns": list(vulnerabilities)},
    ]})  # fmt: skip


def test_a_vulnerable_package_fails_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert auditing.main(lambda: _told({"id": "PYSEC-1", "fix_versions": ["5.2.20"]})) == 1
    assert "django 5.2.19: PYSEC-1, mended in 5.2.20" in capsys.readouterr().out


def test_nothing_known_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert auditing.main(_told) == 0
    assert "No known vulnerability" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "ERROR: no route", "[]", "{}"])
def test_without_a_network_it_is_loud_and_fails_nothing(
    answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auditing.main(lambda: answer) == 0
    assert "NOT LOOKED UP" in capsys.readouterr().out
