"""Programs read what their maker may read, page by page, and each reading stands in the journal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from silta.access.enums import TokenScope
from silta.audit.models import Event
from silta.cases import enums
from silta.cases.operations import notes
from silta.kernel.acting import acting
from silta.people.models import Person
from tests.cases import situations
from tests.cast import Cast, as_owner, key

Program = Callable[..., Client]
V1 = "/api/v1"
PARTS = [
    "goals",
    "steps",
    "services",
    "plans",
    "reviews",
    "flags",
    "participants",
    "deadlines",
    "notes",
    "timeline",
]


@pytest.fixture
def case(cast: Cast) -> Any:
    """Aino's case with its plan, as Eero sees it."""
    plan = situations.with_plan(cast)
    with as_owner():
        return plan.case


def test_a_case_is_read_with_its_parts(cast: Cast, case: Any, program: Program) -> None:
    eero = program("eero")
    told = eero.get(f"{V1}/cases/{case.pk}")
    assert told.status_code == 200
    assert told.json()["person"]["first_names"] == "Aino Maria"
    assert told["ETag"] == f'"{told.json()["version"]}"'
    found = {part: eero.get(f"{V1}/cases/{case.pk}/{part}").json() for part in PARTS}
    assert found["goals"][0]["own_words"] == situations.OWN_WORDS
    assert found["steps"][0]["text"] == "Soita Mäkisen Puuhun"
    assert found["services"][0]["name"] == "Työhönvalmennus"
    assert [plan["number"] for plan in found["plans"]] == [1]
    assert {one["part"] for one in found["participants"]} == {"responsible", "member"}
    assert found["deadlines"][0]["source"]
    assert found["timeline"]["items"]
    with acting(cast.eero):
        events = Event.objects.filter(action="cases.view", subject_id=str(case.pk))
        assert events.count() == 1 + len(PARTS)
        assert all(event.ground and event.details["token"] for event in events)


def test_the_identity_code_and_contact_details_are_not_told(case: Any, program: Program) -> None:
    eero = program("eero")
    with as_owner():
        code = Person.objects.get(pk=key("aino person")).identity_code
    assert code
    for path in (f"{V1}/cases/{case.pk}", f"{V1}/cases", f"{V1}/search?q=Aino", f"{V1}/worklist"):
        answer = eero.get(path)
        assert answer.status_code == 200
        assert code not in answer.content.decode()


def test_vaino_finds_nothing(cast: Cast, case: Any, program: Program) -> None:
    vaino = program("vaino")
    for part in ("", *PARTS):
        absent = vaino.get(f"{V1}/cases/{key('no case')}/{part}".rstrip("/"))
        forbidden = vaino.get(f"{V1}/cases/{case.pk}/{part}".rstrip("/"))
        assert (forbidden.status_code, forbidden.content) == (404, absent.content), part
    with acting(cast.vaino):
        refused = Event.objects.filter(action="access.refused", outcome="refused")
        assert {event.subject_id for event in refused} == {str(case.pk), str(key("no case"))}
        assert {event.person_id for event in refused} == {str(case.person_id), ""}


def test_vaino_lists_and_searches_in_vain(case: Any, program: Program) -> None:
    vaino = program("vaino")
    for path in (
        "cases",
        f"cases?unit={case.unit_id}",
        "search?q=Aino",
        f"search?q={case.number}",
        "worklist",
    ):
        assert vaino.get(f"{V1}/{path}").json() == {"items": [], "next": ""}
    assert (
        vaino.get(f"{V1}/people/{case.person_id}/sharing?to_unit={case.unit_id}&category=plan").status_code
        == 404
    )


def test_lists_are_paged_by_key_and_filtered(cast: Cast, case: Any, program: Program) -> None:
    coaching = situations.case_of_aino(cast, kind="coaching", by="eero")
    eero = program("eero")
    first = eero.get(f"{V1}/cases?limit=1").json()
    second = eero.get(f"{V1}/cases?limit=1&cursor={first['next']}").json()
    assert [one["id"] for one in first["items"] + second["items"]] == [str(case.pk), str(coaching.pk)]
    assert second["next"] == ""
    assert [one["kind"] for one in eero.get(f"{V1}/cases?kind=coaching").json()["items"]] == ["coaching"]
    assert eero.get(f"{V1}/cases?state=ended").json()["items"] == []
    assert len(eero.get(f"{V1}/cases?unit={case.unit_id}").json()["items"]) == 2
    assert eero.get(f"{V1}/cases?limit=101").status_code == 422
    assert eero.get(f"{V1}/cases?cursor=guess").status_code == 400
    with acting(cast.eero):
        listed = Event.objects.filter(action="cases.list").order_by("at")
        assert listed[0].details["people"] == [str(case.person_id)]


def test_notes_are_paged_and_internal_ones_stay_in_their_unit(
    cast: Cast, case: Any, program: Program
) -> None:
    with acting(cast.saara):
        for visibility, text in (
            ("shared", "Kaikille."),
            ("internal", "Vain meille."),
            ("shared", "Toinen."),
        ):
            notes.write_note(
                cast.saara, case=case, kind=enums.NoteKind.OBSERVATION, text=text, visibility=visibility
            )
    where, read = f"{V1}/cases/{case.pk}/notes?limit=1", []
    eero, cursor = program("eero"), ""
    while True:
        page = eero.get(f"{where}&cursor={cursor}").json()
        read += [one["text"] for one in page["items"]]
        if not (cursor := page["next"]):
            break
    assert read == ["Toinen.", "Kaikille."]
    assert len(program("saara").get(f"{V1}/cases/{case.pk}/notes").json()["items"]) == 3


def test_the_timeline_is_read_to_its_end(cast: Cast, case: Any, program: Program) -> None:
    with acting(cast.eero):
        for number in range(25):
            notes.write_note(cast.eero, case=case, kind=enums.NoteKind.OBSERVATION, text=f"Huomio {number}")
    eero, cursor, read = program("eero"), "", []
    while True:
        page = eero.get(f"{V1}/cases/{case.pk}/timeline?cursor={cursor}").json()
        read += [one["text"] for one in page["items"]]
        if not (cursor := page["next"]):
            break
    assert [text for text in read if text.startswith("Huomio")] == [
        f"Huomio {n}" for n in reversed(range(25))
    ]
    assert eero.get(f"{V1}/cases/{case.pk}/timeline?cursor=x").status_code == 400


def test_reference_data_and_the_question_of_sharing(cast: Cast, case: Any, program: Program) -> None:
    eero = program("eero")
    (authority,) = eero.get(f"{V1}/organisations?name=Kainuun työllisyysalue").json()["items"]
    units = eero.get(f"{V1}/organisations/{authority['id']}/units").json()["items"]
    assert {one["name"] for one in units} == {"Työkyvyn tuki", "Yrityspalvelut"}
    assert eero.get(f"{V1}/organisations/{key('nowhere')}/units").status_code == 404
    assert {one["code"] for one in eero.get(f"{V1}/kinds").json()} >= {"joint_support", "coaching"}
    assert all(one["citation"] for one in eero.get(f"{V1}/grounds").json())
    kela = cast.unit("kela").pk
    (answer,) = eero.get(f"{V1}/people/{case.person_id}/sharing?to_unit={kela}&category=plan").json()
    assert answer["allowed"] is True
    assert "381/2023" in answer["citation"]
    with acting(cast.eero):
        assert Event.objects.filter(action="access.ask_sharing", recipient_unit_id=str(kela)).exists()
    acts = eero.get(f"{V1}/journal").json()["items"]
    assert len(acts) > 5


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("cases", TokenScope.CASES_READ),
        ("worklist", TokenScope.CASES_READ),
        ("search?q=Aino", TokenScope.PEOPLE_SEARCH),
        ("organisations", TokenScope.REFERENCE_READ),
        ("kinds", TokenScope.REFERENCE_READ),
        ("grounds", TokenScope.REFERENCE_READ),
        ("journal", TokenScope.JOURNAL_READ),
    ],
)
def test_each_address_needs_its_own_scope(cast: Cast, program: Program, path: str, scope: str) -> None:
    assert program("eero", scope).get(f"{V1}/{path}").status_code == 200
    others = program("eero", *(set(TokenScope) - {scope})).get(f"{V1}/{path}")
    assert others.status_code == 403
    assert others["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
