"""The document is whole, and the interface keeps to it whatever it is sent: schemathesis over every operation, in process."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import jsonschema
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from silta.cases import models
from tests.api.calls import V1
from tests.api.test_doors import WRITES
from tests.cast import Cast, as_owner
from tests.doors.situation import rows_of_the_situation

Document = dict[str, Any]
# A sound request may still be refused by the rules of the field, which no schema tells: its acceptance is not demanded.
load_all_checks()
_CHECKS = CHECKS.get_by_names([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header",
])  # fmt: skip
_EXAMPLES = 8
_MODELS = {
    "NOTE": models.Note, "ACTION": models.Action, "PARTICIPATION": models.Participation, "GOAL": models.Goal,
    "SERVICE": models.AgreedService,
}  # fmt: skip


@pytest.fixture
def document(db: None) -> Document:
    """The document as a program reads it."""
    told: Document = Client().get(f"{V1}/openapi.json").json()
    return told


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and its verb."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def test_every_operation_is_told_whole(document: Document) -> None:
    names = [operation["operationId"] for _path, _verb, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, verb, operation in operations(document):
        where = f"{verb} {path}"
        assert operation["summary"], where
        assert operation["security"][0]["Token"], where
        demanded = {"400", "401", "403", "404", "422", "429"} | ({"409"} if verb == "post" else set())
        parameters = {one["name"] for one in operation["parameters"]}
        demanded |= {"412", "428"} if "If-Match" in parameters else set()
        assert demanded <= operation["responses"].keys(), where
        writes = operation["operationId"] in set(WRITES) - {"find_matches"}
        assert ("Idempotency-Key" in parameters) == writes, where


def test_every_example_is_what_its_schema_says(document: Document) -> None:
    for path, verb, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        told = [content for body in bodies for content in body.get("content", {}).values()]
        for one in [*operation["parameters"], *told]:
            schema = one["schema"] | {"components": document["components"]}
            faults = list(jsonschema.Draft202012Validator(schema).iter_errors(one["example"]))
            assert not faults, f"{verb} {path}: {faults}"


@pytest.fixture
def server(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The product as servers call it, inside the transaction of the test: requests leave its connection open."""
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    handler = WSGIHandler()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return handler(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)

    return serve


class _Rows:
    """The rows that a call is about: the sound ones are there, in the version that is told."""

    def __init__(self, cast: Cast) -> None:
        self._rows = rows_of_the_situation(cast)

    def path(self, name: str) -> dict[str, str]:
        """What stands in the path of an operation."""
        row = WRITES.get(name, ("", ""))[1]
        case = self._rows["COACHING_CASE" if row == "TRANSFER" else "CASE"]
        found = {"case_id": case, "person_id": self._rows["PERSON"], "organisation_id": self._rows["ORGANISATION"],
                 "row_id": self._rows.get(row), "consent_id": self._rows["CONSENT"]}  # fmt: skip
        return {name: str(value) for name, value in found.items()}

    def version(self, name: str) -> str:
        """The entity tag of what a write changes."""
        row = WRITES[name][1]
        with as_owner():
            if row in _MODELS:
                found: Any = _MODELS[row].objects.get(pk=self._rows[row])
            else:
                found = models.Case.objects.select_related("person").get(pk=self._rows["CASE"])
        return f'"{found.person.version if name == "correct_person" else found.version}"'


def test_whatever_is_sent_is_answered_as_the_document_says(
    cast: Cast, secret_of: Callable[..., str], server: Callable[..., Any], settings: Any
) -> None:
    settings.PROGRAM_LIMITS = {"calls": 10**6, "refused": 10**6}
    schema = schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", server)
    rows, token = _Rows(cast), {"Authorization": f"Bearer {secret_of('eero')}"}
    found = []
    for operation in (result.ok() for result in schema.get_all_operations()):
        for mode in GenerationMode:
            found += _found(operation, mode, rows, token)
    assert not found, "\n\n".join(found)


def _found(operation: Any, mode: GenerationMode, rows: _Rows, token: dict[str, str]) -> list[str]:
    """What schemathesis finds in one operation, with sound requests or with unsound ones."""
    name = operation.definition.raw["operationId"]
    needs_version = "If-Match" in {one["name"] for one in operation.definition.raw["parameters"]}
    path = {one: value for one, value in rows.path(name).items() if f"{{{one}}}" in operation.path}
    known = {one["name"] for one in operation.definition.raw["parameters"] if one["in"] == "query"}
    headers = {"If-Match": rows.version(name)} if needs_version and mode is GenerationMode.POSITIVE else {}

    @hypothesis.seed(0)
    @hypothesis.settings(
        max_examples=_EXAMPLES, database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode, path_parameters=path or None))
    def answered(case: Any) -> None:
        # A word in the query that nobody knows is passed over, as the document says.
        hypothesis.assume(set(case.query or {}) <= known)
        with transaction.atomic():
            case.call_and_validate(headers=token | headers, checks=_CHECKS)
            transaction.set_rollback(True)

    try:
        answered()
    except hypothesis.errors.Unsatisfiable:
        return []
    except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001 - every finding is told together
        return [f"{mode.value} {name}: {fault}"]
    return []
