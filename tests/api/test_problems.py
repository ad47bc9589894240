"""Who may call at all, and how every refusal is told: as a problem, in the caller's language, without the inside."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from silta.access import operations as access
from silta.access import queries
from silta.audit.models import Event
from silta.cases.queries import listing
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.api.calls import V1, is_problem
from tests.cast import Cast, as_owner, key

Program = Callable[..., Client]


def test_without_a_token_nobody_is_told_anything(cast: Cast, page_of: Callable[[str], Client]) -> None:
    for client in (Client(), page_of("eero")):
        answer = client.get(f"{V1}/cases")
        assert is_problem(answer, 401, "api.no_token")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert not answer.cookies
    for words in ("Bearer", "Bearer ", "Basic eero", "Bearer silta_guess", "silta_guess"):
        assert is_problem(Client(headers={"Authorization": words}).get(f"{V1}/cases"), 401, "api.no_token")


def test_a_token_that_does_not_hold_is_refused_and_journalled(
    cast: Cast, secret_of: Callable[..., str]
) -> None:
    secret = secret_of("eero")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(f"{V1}/cases").status_code == 200
    with time_machine.travel(clock.now() + dt.timedelta(days=30)):
        assert is_problem(client.get(f"{V1}/cases"), 401, "api.no_token")
    with acting(cast.eero):
        (token,) = queries.tokens_of(cast.eero)
        access.revoke_token(cast.eero, token=token)
    assert is_problem(client.get(f"{V1}/cases"), 401, "api.no_token")
    with as_owner():
        refused = Event.objects.filter(action="access.refuse_token", subject_id=str(token.pk))
        assert {event.details["why"] for event in refused} == {"expired", "revoked"}
        assert Event.objects.filter(action="access.use_token").count() == 1


def test_whoever_tries_tokens_is_stopped(cast: Cast, program: Program, settings: Any) -> None:
    settings.PROGRAM_LIMITS = {"calls": 2, "refused": 3}
    eero = program("eero")
    # Calls are counted by the minute of the clock: here it does not turn.
    with clock.at(clock.now()):
        assert [eero.get(f"{V1}/kinds").status_code for _ in range(3)] == [200, 200, 429]
        assert eero.get(f"{V1}/kinds")["Retry-After"] == "60"
        guesser = Client(headers={"Authorization": "Bearer silta_guess"})
        assert [guesser.get(f"{V1}/kinds").status_code for _ in range(4)] == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fi", "Tällaista ei ole"),
        ("sv", "Det finns inget sådant"),
        ("en", "There is no such thing"),
        ("de", "Tällaista ei ole"),
    ],
)
def test_problems_speak_the_callers_language(cast: Cast, program: Program, language: str, title: str) -> None:
    answer = program("eero", **{"Accept-Language": language}).get(f"{V1}/cases/{key('no case')}")
    assert answer.json()["title"] == title
    assert answer["Content-Language"] == (language if language != "de" else "fi")


def test_what_is_unsound_is_pointed_at(cast: Cast, program: Program) -> None:
    answer = program("eero").get(f"{V1}/cases?limit=many&state=lost")
    assert is_problem(answer, 422, "api.unsound")
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/limit", "/state"}
    assert "Input should" not in answer.content.decode()


def test_an_unknown_address_or_method_is_a_problem_too(cast: Cast, program: Program) -> None:
    assert is_problem(program("eero").get(f"{V1}/nowhere"), 404, "api.no_route")
    assert is_problem(Client().get("/api/v2/cases"), 404, "api.no_route")
    answer = program("eero").delete(f"{V1}/kinds")
    assert is_problem(answer, 405, "api.no_method")
    assert answer["Allow"] == "GET"


def test_an_error_of_ours_tells_nothing_of_the_inside(
    cast: Cast, program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fall(*_words: Any, **_more: Any) -> None:
        raise RuntimeError("Aino Korhonen 010190-900P")

    monkeypatch.setattr(listing, "cases", fall)
    answer = program("eero").get(f"{V1}/cases")
    assert is_problem(answer, 500, "api.error")
    assert "Aino" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in caplog.text


def test_the_document_is_open_to_all_and_names_every_refusal(db: None) -> None:
    document = Client().get(f"{V1}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, verbs in document["paths"].items():
        for operation in verbs.values():
            assert operation["security"], path
            assert {"401", "403", "404", "422", "429"} <= operation["responses"].keys()
            problem = operation["responses"]["404"]["content"]
            assert list(problem) == ["application/problem+json"]
