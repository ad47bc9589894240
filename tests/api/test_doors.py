"""Every address of the interface, tried by a program of everybody: who is let in, and to whom it does not exist."""

from collections.abc import Callable

from django.test import Client
from django.urls import get_resolver, reverse

from tests.cases import situations
from tests.cast import Cast, key
from tests.doors.routes import CASE_ROLES, EVERYONE, NETWORK, STAFF
from tests.doors.test_doors import routes

PARTS = "goals steps services versions reviews flags participations deadlines notes timeline"
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
    **{f"case_{part}": (NETWORK, CASE, "") for part in PARTS.split()},
}


def test_every_address_opens_to_those_named_and_to_nobody_else(
    cast: Cast, program: Callable[..., Client]
) -> None:
    names = {name.removeprefix("api:") for name in routes(get_resolver()) if name.startswith("api:")}
    assert names - {"api-root"} == set(DOORS)
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
