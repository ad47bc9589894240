"""Every address of the interface, tried by a program of everybody: who is let in, and to whom it does not exist."""

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from tests.api.calls import send
from tests.cases import situations
from tests.cast import Cast, key
from tests.doors.routes import CASE_ROLES, EVERYONE, NETWORK, OPENERS, STAFF
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import routes

PARTS = "goals steps entries transfers services versions reviews flags participations deadlines notes timeline person"
CASE = {"case_id": "CASE"}
# Who is let in, and with which arguments and query; the document of the interface is open to all.
DOORS: dict[str, tuple[str, dict[str, str], str]] = {
    "openapi-json": (EVERYONE, {}, ""),
    "cases": (CASE_ROLES, {}, ""),
    "search": (CASE_ROLES, {}, "?q=Aino"),
    "worklist": (CASE_ROLES, {}, ""),
    "kinds": (STAFF, {}, ""),
    "grounds": (STAFF, {}, ""),
    "organisations": (STAFF, {}, ""),
    "organisation_units": (STAFF, {"organisation_id": "ORGANISATION"}, ""),
    "journal": (STAFF, {}, ""),
    "sharing": (NETWORK, {"person_id": "PERSON"}, "?to_unit=UNIT&category=plan"),
    "case": (NETWORK, CASE, ""),
    "consents": (NETWORK, {"person_id": "PERSON"}, ""),
    **{f"case_{part}": (NETWORK, CASE, "") for part in PARTS.split()},
}
# Who may do what: by whom it is done, and the row of the situation that it is done to.
LEADS, OWNERS, KELA = "eero paula", "eero paula", "eero paula kaisa"
WRITES: dict[str, tuple[str, str]] = {
    "open_case": (OPENERS, ""),
    "find_matches": (OPENERS, ""),
    "register_client": (OPENERS, ""),
    **dict.fromkeys(
        ["change_phase", "set_need", "start_assessment", "explain_duties", "plan_the_end", "write_note", "raise_flag", "add_step", "propose_goal", "agree_service", "add_entry", "make_plan", "hold_review", "invite", "add_supporter", "hand_over", "propose_transfer", "correct_person", "move_person", "add_contact_point", "record_consent"], (NETWORK, ""),
    ),
    **dict.fromkeys(["end_case", "reopen_case"], (LEADS, "")),
    **dict.fromkeys(["correct_note", "withdraw_note", "restore_note"], (OWNERS, "NOTE")),
    **dict.fromkeys(["complete_step", "drop_step", "postpone_step"], (OWNERS, "ACTION")),
    **dict.fromkeys(["leave_case", "change_share"], (KELA, "PARTICIPATION")),
    **dict.fromkeys(["accept_transfer", "decline_transfer"], (LEADS, "TRANSFER")),
    **dict.fromkeys(
        ["confirm_goal", "decline_goal", "achieve_goal", "drop_goal", "take_up_goal", "reword_goal"], (NETWORK, "GOAL")
    ),
    **dict.fromkeys(["correct_entry", "dispute_entry"], (NETWORK, "ENTRY")),
    **dict.fromkeys(["accept_plan", "refuse_plan"], (NETWORK, "PLAN")),
    "reopen_step": (NETWORK, "ACTION"),
    "resolve_flag": (NETWORK, "FLAG"),
    "change_service": (NETWORK, "SERVICE"),
    "withdraw_transfer": ("saara", "TRANSFER"),
    "end_contact_point": (NETWORK, "CONTACT"),
    "withdraw_consent": (NETWORK, "CONSENT"),
}  # fmt: skip


def test_every_address_opens_to_those_named_and_to_nobody_else(
    cast: Cast, program: Callable[..., Client]
) -> None:
    names = {name.removeprefix("api:") for name in routes(get_resolver()) if name.startswith("api:")}
    assert names - {"api-root"} - set(WRITES) == set(DOORS)
    case = situations.in_network(cast)
    rows = {"CASE": case.pk, "PERSON": case.person_id, "ORGANISATION": key("organisation kela")}
    wrong = []
    for who in STAFF.split():
        client = program(who)
        for name, (admitted, arguments, query) in DOORS.items():
            where = reverse(f"api:{name}", kwargs={word: rows[row] for word, row in arguments.items()})
            status = client.get(where + query.replace("UNIT", str(key("unit kela")))).status_code
            if status != (200 if who in admitted.split() else 404):
                wrong.append(f"{name} by {who}: {status}")
    assert not wrong, "\n".join(wrong)


def _where(path: str, rows: dict[str, Any], row: str) -> str:
    case = rows["COACHING_CASE" if row == "TRANSFER" else "CASE"]
    ids = {"case_id": case, "person_id": rows["PERSON"], "row_id": rows.get(row), "consent_id": rows.get(row)}
    return re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path.removeprefix("/api/v1/"))


def test_every_write_is_open_to_those_named_and_to_nobody_else(
    cast: Cast, program: Callable[..., Client]
) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    writes = {
        verbs["post"]["operationId"]: (path, verbs["post"])
        for path, verbs in document["paths"].items()
        if "post" in verbs
    }
    assert set(writes) == set(WRITES)
    rows = rows_of_the_situation(cast)
    wrong = []
    for who in STAFF.split():
        client = program(who)
        for name, (path, told) in writes.items():
            admitted, row = WRITES[name]
            body = told.get("requestBody", {"content": {"application/json": {"example": {}}}})
            with transaction.atomic():
                answer = send(
                    client,
                    _where(path, rows, row),
                    body["content"]["application/json"]["example"],
                    read='"1"',
                )
                transaction.set_rollback(True)
            is_in = answer.status_code in {200, 201, 409, 412, 422}
            if not (is_in if who in admitted.split() else answer.status_code == 404):
                wrong.append(f"{name} by {who}: {answer.status_code} {answer.content.decode()[:200]}")
    assert not wrong, "\n".join(wrong)
