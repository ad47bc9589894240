"""Machines learn whether Silta lives and can serve; people, that it does not answer now. None of it needs the database."""

import errno
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connections
from django.test import Client

from config import migrating, reviving

PAGE = "/accounts/login/"


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away: every attempt to ask it something fails."""

    def fail(*_arguments: object, **_named: object) -> None:
        raise OperationalError("connection refused: name@example.fi")

    for way_in in ("cursor", "ensure_connection"):
        monkeypatch.setattr(type(connections["default"]), way_in, fail)


@pytest.mark.usefixtures("gone")
def test_a_process_lives_without_a_database_but_cannot_serve() -> None:
    alive = Client().get("/healthz", headers={"host": "10.0.0.7"})
    assert (alive.status_code, alive.content, alive["Cache-Control"]) == (200, b"ok\n", "no-store")
    ready = Client().get("/readyz", headers={"host": "10.0.0.7"})
    assert (ready.status_code, ready.content) == (503, b"database\n")


@pytest.mark.django_db
def test_a_process_serves_only_a_database_of_its_own_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "is_up_to_date", lambda: True)
    assert Client().get("/readyz").status_code == 200
    monkeypatch.setattr(migrating, "is_up_to_date", lambda: False)
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.content) == (503, b"migrations\n")


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Silta ei vastaa juuri nyt"),
        ("sv", "Silta svarar inte just nu"),
        ("en", "Silta does not answer just now"),
    ],
)
def test_a_page_that_the_database_does_not_answer_says_so_in_the_readers_language(
    language: str, said: str
) -> None:
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32
    page = browser.get("/", headers={"accept-language": language})
    assert page.status_code == 503
    assert said in page.content.decode()
    assert page["Retry-After"] == "10"
    assert page["Cache-Control"] == "no-store"
    assert "example.fi" not in page.content.decode()


@pytest.mark.usefixtures("gone")
def test_what_was_typed_comes_back_to_its_typist_and_a_password_never_does() -> None:
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32
    sent = {"text": 'Ääkköset & "lainaus" <b>', "csrfmiddlewaretoken": "a-token", "part": ["one", "two"]}
    page = browser.post("/cases/new/?step=2", sent)
    text = page.content.decode()
    assert page.status_code == 503
    assert 'action="/cases/new/?step=2"' in text
    assert 'name="text" value="Ääkköset &amp; &quot;lainaus&quot; &lt;b&gt;"' in text
    assert 'name="part" value="one"' in text
    assert 'name="part" value="two"' in text
    assert 'name="csrfmiddlewaretoken" value="a-token"' in text
    secret = browser.post(PAGE, {"login": "eero@example.fi", "password": "hyvin-salainen"})
    assert secret.status_code == 503
    assert "hyvin-salainen" not in secret.content.decode()
    assert "eero@example.fi" not in secret.content.decode()


@pytest.mark.django_db
def test_any_other_fault_is_still_the_page_of_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client(raise_request_exception=False)
    with mock.patch("silta.ui.views.render", side_effect=ZeroDivisionError):
        page = browser.get("/gallery/")
    assert page.status_code == 500
    assert "Retry-After" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError(errno.ENOSPC, "the disk")])
@pytest.mark.parametrize("is_demonstration", [True, False])
def test_these_pages_too_say_that_people_are_invented_where_they_are(
    error: Exception, settings: Any, *, is_demonstration: bool
) -> None:
    settings.DEMONSTRATION = is_demonstration
    with mock.patch("silta.ui.views.render", side_effect=error):
        page = Client(raise_request_exception=False).get("/gallery/")
    assert ("Esittely: kaikki henkilöt ovat keksittyjä." in page.content.decode()) is is_demonstration


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EDQUOT, 503), (errno.EIO, 500)])
def test_a_full_disk_is_told_as_what_passes_and_a_broken_one_is_not(number: int, status: int) -> None:
    browser = Client(raise_request_exception=False)
    with mock.patch("silta.ui.views.render", side_effect=OSError(number, "the disk")):
        page = browser.get("/gallery/")
    assert page.status_code == status
    assert page.has_header("Retry-After") == (status == 503)


def test_a_worker_outlives_an_outage_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviving, "_BETWEEN_TRIES", 0)
    outages = [OperationalError("away"), OperationalError("still away")]

    def work() -> None:
        if outages:
            raise outages.pop()

    reviving.outliving(work, is_outage=lambda error: isinstance(error, OperationalError))
    assert outages == []
    broken = mock.Mock(side_effect=ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        reviving.outliving(broken, is_outage=lambda error: isinstance(error, OperationalError))
    assert broken.call_count == 1
