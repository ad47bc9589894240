"""What is nobody's business stays out of logs, mail, error pages and the journal's details."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from config import logs
from config.logs import Impersonal
from silta.audit.models import Event
from silta.people.models import Person
from tests.attacks.walking import every_page
from tests.cast import PASSWORD, Cast, as_owner, key
from tests.doors.routes import DOORS
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, knock, words

EERO = "eero.virtanen@tyollisyys.example"
# Names, codes, contacts and texts of the situation, and what opens doors.
SECRETS = (
    "Korhonen", "010190-900P", "+358 40 000 0000", "Tuli ajoissa", "Soita aamulla", "Sovi tapaaminen", PASSWORD, "salasanani",
)  # fmt: skip


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation behind the doors."""
    return rows_of_the_situation(cast)


def _told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_no_log_line_and_no_mail_tells_of_anybody(
    rows: dict[str, Any], page_of: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _page in every_page(rows, page_of):
        pass
    Client().post("/accounts/login/", {"login": EERO, "password": "salasanani"})
    for name, door in DOORS.items():
        if door.done_by:
            knock(page_of(door.done_by), "post", address(name, door, rows), words(door, rows))
    assert caplog.records, "nothing was logged, and so nothing was looked at"
    _wild(rows, page_of)
    requests = [record for record in caplog.records if record.name == "silta.requests"]
    assert len(requests) > 300, "every page was asked for, and each is one line"
    for form in (logs.Json(), logs.Plain()):
        assert _told(" ".join(form.format(record) for record in caplog.records)) == []
    assert _told(" ".join(record.getMessage() for record in requests)) == []
    assert _told(" ".join(f"{letter.subject} {letter.body}" for letter in mail.outbox)) == []


def _wild(rows: dict[str, Any], page_of: Callable[[str], Client]) -> None:
    """Secrets in every place of a request that is not a form: address, query, headers, method, a foreign host."""
    eero = page_of("eero")
    for secret in SECRETS:
        plain = secret.encode("ascii", "ignore").decode()
        for browser in (eero, Client()):
            browser.get(f"/{secret}/", {"q": secret, secret: "1"})
            browser.get(f"/calendar/{plain.replace(' ', '')}.ics")
            browser.get(
                "/search/",
                {"q": secret},
                headers={"referer": f"http://x.example/?q={plain}", "user-agent": plain},
            )
            browser.get(
                "/api/v1/people",
                {"q": secret},
                headers={"authorization": f"Bearer {plain}", "x-request-id": plain},
            )
            browser.generic(
                "POST", "/cases/new/", secret.encode(), content_type=f"text/{plain.replace(' ', '')}"
            )
            browser.post("/language/", {"language": secret, "next": f"/{secret}"})
        Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": secret, "password": secret})
        Client().get("/", headers={"host": f"{plain.replace(' ', '')}.example"})


def test_an_error_nobody_foresaw_tells_nobody_anything(
    rows: dict[str, Any],
    page_of: Callable[[str], Client],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_given: object, **_named: object) -> None:
        with as_owner():
            person = Person.objects.get(pk=key("aino person"))
        raise RuntimeError(f"unforeseen at {person}")

    monkeypatch.setattr("silta.cases.queries.get_for", breaks)
    monkeypatch.setattr("silta.cases.queries.visible_to", breaks)
    eero = page_of("eero")
    eero.raise_request_exception = False
    for where in ("cases:case", "desk:export", "cases:members"):
        answer = eero.get(address(where, DOORS[where], rows))
        if answer.status_code == 500:
            assert _told(answer.content.decode()) == []
            assert "RuntimeError" not in answer.content.decode()
            assert "Traceback" not in answer.content.decode()
            break
    else:
        pytest.fail("nothing broke")
    console = next(one for one in logging.getLogger().handlers if isinstance(one.formatter, Impersonal))
    written = " ".join(console.format(record) for record in caplog.records)
    assert "builtins.RuntimeError" in written
    assert "test_secrets.py" in written, "where it happened is told"
    assert _told(written) == []


def test_an_error_of_the_database_is_logged_without_the_row_it_quotes(cast: Cast) -> None:
    """PostgreSQL quotes the failing row; of the chain of errors only types, codes and lines are written."""
    with pytest.raises(IntegrityError) as caught, as_owner(), transaction.atomic():
        Person.objects.filter(pk=key("aino person")).update(recorded_at=None)
    error = caught.value
    assert _told(str(error)), "the error itself quotes the row, or this test shows nothing"
    written = Impersonal().formatException((type(error), error, error.__traceback__))
    assert _told(written) == []
    assert "(23502)" in written


def test_the_journals_details_hold_no_name_no_code_and_no_text(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    eero = page_of("eero")
    eero.get("/search/", {"q": "Korhonen"})
    eero.get("/search/", {"q": "010190-900P"})
    with as_owner():
        events = list(Event.objects.all())
    assert len(events) > 20
    assert (
        _told(
            json.dumps(
                [[event.action, event.details, event.subject_id] for event in events], ensure_ascii=False
            )
        )
        == []
    )


def test_no_address_of_any_page_holds_a_name_or_a_code(rows: dict[str, Any]) -> None:
    assert _told(" ".join(address(name, door, rows) for name, door in DOORS.items())) == []
