"""Turvakielto through every door: where a protected person lives and how she is reached is on no page, file or message."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from silta.kernel.acting import acting
from silta.people import operations as people
from silta.people.enums import ContactKind
from silta.people.models import Municipality, Person
from tests.attacks.walking import body, every_page
from tests.cast import Cast, as_owner, key
from tests.doors.routes import DOORS
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, knock

STREET, PHONE, MAIL = "Piilopolku 7", "+358 44 987 6543", "aino.piilossa@asiakas.example"
_OF_THE_CALL = re.compile(r'"s\d+_x\d+"|\'[0-9a-f]{32}\'')
WHERE = (STREET, PHONE, "9876543", MAIL)


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """Aino's case, in which her whereabouts were recorded before they came under protection."""
    found = rows_of_the_situation(cast)
    with acting(cast.eero):
        person = Person.objects.get(pk=key("aino person"))
        for kind, value in (
            (ContactKind.PHONE, PHONE),
            (ContactKind.EMAIL, MAIL),
            (ContactKind.POST, STREET),
        ):
            people.set_contact(cast.eero, person=person, kind=kind, value=value, is_preferred=True)
        with as_owner():
            municipality = Municipality.objects.filter(name_fi="Hyrynsalmi").get()
        people.set_residence(cast.eero, person=person, municipality_code=municipality.code)
    return found


def _pages(rows: dict[str, Any], page_of: Callable[[str], Client]) -> tuple[set[str], set[str]]:
    """The pages that tell her contacts, and those that tell her municipality; her own and forms that list all left out."""
    contacts, municipality = set(), set()
    for told, answer in every_page(rows, page_of):
        if told.endswith("by aino"):
            continue
        text = body(answer)
        contacts |= {told} if any(part in text for part in WHERE) else set()
        municipality |= {told} if "Hyrynsalmi" in text else set()
    return contacts, municipality


def test_no_page_file_or_message_tells_where_a_protected_person_is(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    contacts, municipality = _pages(rows, page_of)
    assert any(told.startswith("cases:person") for told in contacts), "unprotected, her page tells it"
    assert any(told.startswith("desk:clients") for told in municipality)
    with as_owner():
        Person.objects.filter(pk=key("aino person")).update(non_disclosure=True)
    contacts, municipality = _pages(rows, page_of)
    assert contacts == set()
    assert municipality == set()


def test_absent_and_forbidden_cost_the_same(rows: dict[str, Any], page_of: Callable[[str], Client]) -> None:
    """Timing of "not found": what is not there and what one may not know take the same statements in the same order."""
    vaino, wrong = page_of("vaino"), []
    nowhere = {name: key(f"nowhere {name}") for name in rows}
    for name, door in sorted(DOORS.items()):
        if "CASE" not in door.arguments.values() or door.gets is None:
            continue
        shapes = []
        for where in (address(name, door, rows), address(name, door, nowhere)):
            knock(vaino, "get", where)
            with CaptureQueriesContext(connection) as asked:
                knock(vaino, "get", where)
            shapes.append(
                [
                    _OF_THE_CALL.sub("", query["sql"].split(" WHERE ")[0])[:60]
                    for query in asked.captured_queries
                ]
            )
        if shapes[0] != shapes[1]:
            wrong.append(
                f"{name}: {set(shapes[0]).symmetric_difference(shapes[1])}, {len(shapes[0])} and {len(shapes[1])}"
            )
    assert wrong == []
