"""Who the client is: corrected, hidden and shown, and the same person found twice."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from silta.access import operations as access
from silta.access.models import EmergencyAccess
from silta.cases.models import Case
from silta.kernel.acting import acting
from silta.people import operations as register
from silta.people.models import ContactPoint, Merge, Person, Residence
from tests.cases.situations import case_of_aino
from tests.cast import Cast, as_owner

Pages = Callable[[str], Client]


def address(name: str, case: Case, *more: Any) -> str:
    return reverse(f"cases:{name}", args=[case.pk, *more])


def rows(model: Any, **wanted: Any) -> list[Any]:
    with as_owner():
        return list(model.objects.filter(**wanted))


def names(**changed: Any) -> dict[str, Any]:
    return {"first_names": "Aino Maria", "last_name": "Korhonen", "call_name": "Aino", "mother_tongue": "fi",
            "service_language": "fi", **changed}  # fmt: skip


def test_names_are_corrected_and_a_faster_hand_is_seen(cast: Cast, page_of: Pages) -> None:
    case, eero, person = case_of_aino(cast), page_of("eero"), cast.person()
    place = address("person_correct", case, person.pk)
    typed = names(version=person.version, last_name="Korhonen-Mäki")
    assert eero.post(place, typed).status_code == 302
    assert cast.person().last_name == "Korhonen-Mäki"
    late = eero.post(place, names(version=person.version, call_name="Maija"))
    page = late.content.decode()
    assert late.status_code == 422
    assert "conflict-title" in page
    assert "Korhonen-Mäki" in page
    assert 'value="Maija"' in page


def test_where_she_lives_and_how_to_reach_her(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    assert eero.post(address("residence", case), {"municipality": "kajana"}).status_code == 302
    assert eero.post(address("residence", case), {"municipality": "Atlantis"}).status_code == 422
    assert (
        eero.post(address("contact_point", case), {"kind": "phone", "value": "040 765 4321"}).status_code
        == 302
    )
    page = eero.get(address("person", case)).content.decode()
    assert "Kajaani" in page
    assert len(rows(Residence)) == 1
    point = rows(ContactPoint)[0]
    assert eero.post(address("contact_point_end", case, point.pk)).status_code == 302
    assert rows(ContactPoint)[0].ended_at is not None


def test_what_non_disclosure_hides_is_shown_to_one_worker_for_a_reason(cast: Cast, page_of: Pages) -> None:
    case, eero, person = case_of_aino(cast), page_of("eero"), cast.person()
    eero.post(address("residence", case), {"municipality": "Kajaani"})
    eero.post(address("contact_point", case), {"kind": "phone", "value": "040 765 4321"})
    eero.post(address("person_correct", case, person.pk), names(version=person.version, non_disclosure="on"))
    for name in ("case", "person"):
        page = eero.get(address(name, case)).content.decode()
        assert "Kajaani" not in re.sub(r"<header.*?</header>", "", page, flags=re.DOTALL)
        assert "765 4321" not in page
    assert eero.post(address("reveal", case), {"reason": "", "minutes": "30"}).status_code == 422
    answer = eero.post(address("reveal", case), {"reason": "Ambulanssi kysyy osoitetta", "minutes": "30"})
    assert answer.status_code == 302, answer.content.decode()
    assert rows(EmergencyAccess)[0].reveals_protected
    assert "765 4321" in eero.get(address("person", case)).content.decode()
    assert "765 4321" not in page_of("paula").get(address("person", case)).content.decode()


def test_the_same_person_twice_is_joined_by_the_lead_and_taken_apart_again(
    cast: Cast, page_of: Pages
) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        double = register.register(
            cast.eero, first_names="Aino", last_name="Korhonen", no_code_reason="not_known", birth_date=dt.date(1990, 1, 1),
        )  # fmt: skip
        access.give_grant(
            cast.eero, person=double, unit=cast.unit("employment"), ground="own_register", categories=["identity"],
            from_unit=cast.unit("employment"),
        )  # fmt: skip
    place, paula = address("merge", case), page_of("paula")
    assert page_of("eero").get(place).status_code == 404
    page = paula.get(place, {"other": str(double.pk)}).content.decode()
    assert 'id="pair-title"' in page
    assert paula.post(place, {"other": str(double.pk), "reason": ""}).status_code == 422
    assert (
        paula.post(place, {"other": str(double.pk), "reason": "Sama nimi ja syntymäaika"}).status_code == 302
    )
    assert rows(Person, pk=double.pk)[0].merged_into_id == case.person_id
    merge = rows(Merge)[0]
    undo = address("unmerge", case, merge.pk)
    assert paula.post(undo, {"reason": "Eri ihmiset"}).status_code == 302
    assert rows(Merge)[0].undone_at is not None
