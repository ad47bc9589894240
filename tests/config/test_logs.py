"""Lines of the log tell what happened and where, for machines and for people, and never of anybody."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from config import logs, working
from tests.attacks.test_secrets import SECRETS
from tests.config.test_serving import ROOT

NUMBER = "0123456789abcdef0123456789abcdef"


def _written(records: list[logging.LogRecord]) -> list[dict[str, Any]]:
    return [json.loads(logs.Json().format(record)) for record in records]


def _requests(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [line for line in _written(caplog.records) if line["logger"] == "silta.requests"]


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_time_and_nobodys_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    answer = Client().get("/accounts/login/?next=/cases/&q=Korhonen", headers={"x-request-id": NUMBER})
    (line,) = _requests(caplog)
    assert set(line) == {"time", "level", "logger", "event", "method", "route", "status", "ms"}
    assert (line["method"], line["route"], line["status"]) == ("GET", "account_login", 200)
    assert line["ms"] > 0
    assert line["time"].endswith("+00:00")
    assert answer["X-Request-ID"] == NUMBER


@pytest.mark.django_db
def test_lines_within_a_request_carry_its_number(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[dict[str, Any]] = []

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(json.loads(logs.Json().format(record)))

    reader = Reader()
    logging.getLogger("silta.requests").addHandler(reader)
    try:
        answer = Client().get("/accounts/login/")
        Client().get("/accounts/login/")
    finally:
        logging.getLogger("silta.requests").removeHandler(reader)
    assert seen[0]["request"] == answer["X-Request-ID"]
    assert seen[1]["request"] != seen[0]["request"]


@pytest.mark.parametrize("given", ["010190-900P", "Korhonen", "x" * 32, NUMBER + "\r\nSet-Cookie: a=b", ""])
@pytest.mark.django_db
def test_a_number_that_might_be_a_word_is_not_taken(given: str) -> None:
    answer = Client().get("/healthz", headers={"x-request-id": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_what_is_asked_every_second_is_told_only_where_it_fails(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("config.migrating.is_up_to_date", lambda: True)
    Client().get("/healthz")
    Client().get("/readyz")
    assert _requests(caplog) == []
    monkeypatch.setattr("config.migrating.is_up_to_date", lambda: False)
    Client().get("/readyz")
    (line,) = _requests(caplog)
    assert (line["route"], line["status"], line["level"]) == ("none", 503, "error")


@pytest.mark.django_db
def test_a_method_nobody_serves_is_refused_and_is_no_word_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    answer = Client().generic("KORHONEN", "/")
    assert answer.status_code == 405
    assert _requests(caplog)[0]["method"] == "other"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("procrastinate.worker", "Job cases.find[7](name='Korhonen') ended"),
        ("django.request", "Not Found: /Korhonen/"),
        ("py.warnings", "010190-900P is not a date"),
    ],
)
@pytest.mark.parametrize("form", [logs.Json, logs.Plain])
def test_a_librarys_words_are_not_told_but_its_place_in_the_code(
    name: str, text: str, form: type[logs.Impersonal]
) -> None:
    record = logging.LogRecord(name, logging.ERROR, "/srv/library/worker.py", 7, text, None, None, "ended")
    line = form().format(record)
    assert "worker.ended" in line
    assert [secret for secret in SECRETS if secret in line] == []


def test_whatever_a_line_holds_it_stays_one_line() -> None:
    record = logging.LogRecord("silta.x", logging.INFO, "", 1, 'a\nb {"level": "forged"} ä', None, None)
    line = logs.Json().format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == 'a\nb {"level": "forged"} ä'
    assert json.loads(line)["level"] == "info"


@pytest.mark.parametrize("fails", [False, True])
def test_a_job_is_one_line_without_what_it_was_given(fails: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def work() -> str:
        if fails:
            raise RuntimeError("Korhonen")
        return "Korhonen"

    context: Any = SimpleNamespace(
        job=SimpleNamespace(task_name="cases.refresh", id=7, attempts=1, task_kwargs={"name": "Korhonen"})
    )
    try:
        asyncio.run(working.told(work, context, context))
    except RuntimeError:
        assert fails
    (line,) = [line for line in _written(caplog.records) if line["logger"] == "silta.jobs"]
    assert (line["task"], line["job"], line["attempt"]) == ("cases.refresh", 7, 2)
    assert (line["status"], line["level"]) == (("failed", "error") if fails else ("done", "info"))
    assert "Korhonen" not in json.dumps(line)


def test_a_person_reads_a_plain_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logs.write(
        logging.getLogger("silta.requests"), logging.INFO, "request", method="GET", route="desk:today", ms=3.5
    )
    line = logs.Plain().format(caplog.records[-1])
    assert line[8:] == " request method=GET route=desk:today ms=3.5"


@pytest.mark.parametrize(
    ("environment", "form"),
    [
        ({}, "config.logs.Plain"),
        ({"SILTA_PRODUCTION": "1"}, "config.logs.Json"),
        ({"SILTA_PRODUCTION": "1", "SILTA_LOG": "plain"}, "config.logs.Plain"),
        ({"SILTA_LOG": "json"}, "config.logs.Json"),
    ],
)
def test_machines_get_json_and_a_desk_gets_plain_lines(
    environment: dict[str, str], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SILTA_PRODUCTION", "SILTA_LOG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert logs.settings()["formatters"]["line"]["()"] == form
    assert logs.for_the_web_server()["formatters"] == logs.settings()["formatters"]


def test_a_form_that_is_not_known_is_told() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import config.settings"], cwd=ROOT, env=os.environ | {"SILTA_LOG": "xml"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "SILTA_LOG is “xml”; it is json or plain" in ran.stderr
