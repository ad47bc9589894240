"""The beginning: nobody is registered twice, and nobody learns more than she may."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from silta.audit.models import Event
from silta.cases.models import Case, Draft, JoiningReason, Participation
from silta.kernel.acting import acting
from silta.people import operations as people
from silta.people.models import ContactPoint, Person
from tests.cases.situations import case_of_aino
from tests.cast import Cast, also_works_in, as_owner, key

Pages = Callable[[str], Client]
NEW, REGISTER, OPEN, JOIN = (reverse(f"cases:{name}") for name in ("new", "register", "open_known", "join"))
AINOS_CODE = "010190-900P"
SOMEBODY = {"first_names": "Ville Eemeli", "last_name": "Heikkinen", "birth_date": "1985-05-05"}
CASE = {
    "kind": "joint_support",
    "source": "self",
    "contact_reason": "Haluan töihin.",
    "opened_on": "1.3.2026",
}


def rows(model: Any, **wanted: Any) -> list[Any]:
    with as_owner():
        return list(model.objects.filter(**wanted))


def fields_of(page: str) -> dict[str, str]:
    return dict(
        re.findall(r'<input type="hidden" name="(submission|identity_code|person)" value="([^"]*)"', page)
    )


def test_a_new_client_takes_two_screens_and_is_written_once(cast: Cast, page_of: Pages) -> None:
    eero = page_of("eero")
    asked = eero.post(NEW, SOMEBODY)
    page = asked.content.decode()
    assert 'value="Heikkinen"' in page
    hidden = fields_of(page)
    typed = {**SOMEBODY, **CASE, "no_code_reason": "not_known", "mother_tongue": "fi", "service_language": "fi",
             "municipality": "Kajaani", "phone": "040 123 4567"}  # fmt: skip
    for _press in range(2):
        answer = eero.post(REGISTER, {**typed, "submission": hidden["submission"]})
        assert answer.status_code == 302, answer.content.decode()
    assert len(rows(Person, last_name="Heikkinen")) == 1
    assert len(rows(Case)) == 1
    assert len(rows(ContactPoint)) == 1
    assert "Ville" in eero.get(answer["Location"]).content.decode()


def test_what_the_worker_acts_for_is_chosen_beforehand(cast: Cast, page_of: Pages) -> None:
    for name, kind in (("eero", "joint_support"), ("liisa", "coaching")):
        page = page_of(name).post(NEW, SOMEBODY).content.decode()
        chosen = re.findall(r'<input type="radio" name="kind" value="(\w+)"[^>]* checked', page)
        assert chosen in ([kind], []), page
        assert chosen or f'<input type="hidden" name="kind" value="{kind}"' in page, page


def test_whoever_may_not_know_her_hears_only_that_she_is_here(cast: Cast, page_of: Pages) -> None:
    case_of_aino(cast)
    page = page_of("saara").post(NEW, {"identity_code": AINOS_CODE}).content.decode()
    assert "Korhonen" not in page
    assert "Aino" not in page
    assert 'id="known-here"' in page
    assert JOIN in page


def test_her_own_unit_is_led_to_the_case_there_is(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    page = page_of("paula").post(NEW, {"identity_code": AINOS_CODE}).content.decode()
    assert "Aino Korhonen" in page
    assert reverse("cases:case", args=[case.pk]) in page


def test_likely_the_same_person_is_shown_with_reasons(cast: Cast, page_of: Pages) -> None:
    case_of_aino(cast)
    typed = {"first_names": "Aino", "last_name": "korhonen", "birth_date": "1.1.1990"}
    page = page_of("eero").post(NEW, typed).content.decode()
    assert 'id="likely-title"' in page
    assert "Aino Korhonen" in page
    other = page_of("saara").post(NEW, typed).content.decode()
    assert 'id="likely-title"' not in other
    assert "1990-01-01" in other


def test_a_question_by_name_stands_in_the_journal_of_whoever_it_found(cast: Cast, page_of: Pages) -> None:
    case_of_aino(cast)
    aino = rows(Person, pk=key("aino person"))[0]
    asked = {
        "first_names": aino.first_names, "last_name": aino.last_name, "birth_date": aino.birth_date.isoformat(),
    }  # fmt: skip
    page = page_of("saara").post(NEW, asked).content.decode()
    assert fields_of(page)
    found = rows(Event, action="cases.ask_gate", user_id=str(key("saara")))
    assert [event.person_id for event in found] == [str(aino.pk)]


def test_a_case_is_opened_for_somebody_already_here_by_her_code(cast: Cast, page_of: Pages) -> None:
    eero = page_of("eero")
    hidden = fields_of(eero.post(NEW, {"identity_code": AINOS_CODE}).content.decode())
    assert eero.post(OPEN, {**hidden, **CASE}).status_code == 302
    assert rows(Case)[0].person_id == key("aino person")


def test_a_form_without_its_mark_opens_one_case_and_leads_to_it(cast: Cast, page_of: Pages) -> None:
    eero = page_of("eero")
    new = {**SOMEBODY, **CASE, "no_code_reason": "not_known", "mother_tongue": "fi", "service_language": "fi"}
    for where, words in ((REGISTER, new), (OPEN, {**CASE, "identity_code": AINOS_CODE})):
        answer = eero.post(where, words)
        assert answer.status_code == 302, answer.content.decode()
        assert eero.get(answer["Location"]).status_code == 200


def test_a_code_tried_at_the_last_step_stands_in_the_journal_too(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    answer = page_of("eero").post(OPEN, {**CASE, "identity_code": AINOS_CODE, "submission": case.pk})
    assert answer.status_code == 302
    assert page_of("eero").post(OPEN, {**CASE, "identity_code": "020190-901K"}).status_code == 404
    asked = rows(Event, action="cases.ask_gate", user_id=str(key("eero")))
    assert [(event.person_id, event.details["by"]) for event in asked] == [
        (str(key("aino person")), "identity_code")
    ]


def test_a_bare_id_of_somebody_opens_nothing(cast: Cast, page_of: Pages) -> None:
    answer = page_of("vaino").post(OPEN, {**CASE, "person": str(key("aino person"))})
    assert answer.status_code == 404
    assert rows(Case) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"identity_code": "010190-900X"}, "identity_code"),
        ({"identity_code": "310290-900P"}, "identity_code"),
        ({"last_name": "Heikkinen"}, "first_names"),
        ({}, "last_name"),
        (SOMEBODY | {"birth_date": "30.2.1985"}, "birth_date"),
        (SOMEBODY | {"birth_date": "1.1.2990"}, "birth_date"),
        (SOMEBODY | {"first_names": "<b>Ville</b>"}, "first_names"),
    ],
)
def test_the_gate_says_what_is_wrong_at_its_field(
    typed: dict[str, str], field: str, cast: Cast, page_of: Pages
) -> None:
    answer = page_of("eero").post(NEW, typed)
    assert answer.status_code == 422
    assert f"id_{field}_error" in answer.content.decode()


def test_an_unknown_municipality_writes_nothing_and_loses_nothing(cast: Cast, page_of: Pages) -> None:
    typed = {**SOMEBODY, **CASE, "no_code_reason": "not_known", "mother_tongue": "fi", "service_language": "fi",
             "municipality": "Atlantis"}  # fmt: skip
    answer = page_of("eero").post(REGISTER, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "id_municipality_error" in page
    assert 'value="Atlantis"' in page
    assert "Haluan töihin." in page
    assert rows(Person, last_name="Heikkinen") == []
    assert rows(Case) == []


def test_roles_that_do_not_open_cases_find_no_gate(cast: Cast, page_of: Pages) -> None:
    for name in ("kaisa", "tiina", "officer", "admin", "aino", "olli"):
        assert page_of(name).get(NEW).status_code == 404
        assert page_of(name).post(REGISTER, {**SOMEBODY, **CASE}).status_code == 404


def test_saara_joins_with_a_reason_and_is_then_in(cast: Cast, page_of: Pages) -> None:
    case, saara = case_of_aino(cast), page_of("saara")
    assert saara.get(reverse("cases:case", args=[case.pk])).status_code == 404
    typed = {"find": case.number, "reason": "Sosiaalityön asiakas", "answers_for": "Asuminen"}
    assert saara.post(JOIN, typed).status_code == 302
    assert saara.get(reverse("cases:case", args=[case.pk])).status_code == 200
    joined = rows(Participation, case=case, user_id=key("saara"))[0]
    assert rows(JoiningReason, participation=joined)[0].text == "Sosiaalityön asiakas"


def test_joining_needs_a_reason_and_a_ground(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    assert page_of("saara").post(JOIN, {"find": case.number, "reason": ""}).status_code == 422
    for name, find in (("vaino", case.number), ("liisa", case.number), ("saara", "2020-9999")):
        answer = page_of(name).post(JOIN, {"find": find, "reason": "Haluan katsoa"})
        assert answer.status_code == 422
        assert "Korhonen" not in answer.content.decode()
    assert len(rows(Participation)) == 1


NEW_DRAFT, DISCARD = reverse("cases:new_draft"), reverse("cases:new_draft_discard")


def test_a_new_client_typed_half_way_is_offered_back_through_the_gate(cast: Cast, page_of: Pages) -> None:
    eero = page_of("eero")
    kept = eero.post(
        NEW_DRAFT,
        {**SOMEBODY, "contact_reason": "Haluan töihin.", "municipality": "Kaj\x00aani", "submission": "x"},
    )
    assert kept.status_code == 200
    assert rows(Person, last_name="Heikkinen") == [], "nobody is registered by typing"
    offered = eero.get(NEW).content.decode()
    assert 'id="draft-offer"' in offered
    hidden = dict(
        re.findall(r'<input type="hidden" name="(first_names|last_name|birth_date)" value="([^"]*)"', offered)
    )
    assert hidden == SOMEBODY
    page = eero.post(NEW, hidden).content.decode()
    assert "Haluan töihin." in page
    assert 'value="Kajaani"' in page
    other = eero.post(NEW, {**SOMEBODY, "last_name": "Toinen"}).content.decode()
    assert "Haluan töihin." not in other, "it was somebody else's"
    for name in ("paula", "saara"):
        assert 'id="draft-offer"' not in page_of(name).get(NEW).content.decode()
    eero.post(DISCARD)
    assert rows(Draft) == []


def test_the_draft_of_a_new_client_goes_when_the_case_is_opened(cast: Cast, page_of: Pages) -> None:
    eero = page_of("eero")
    eero.post(NEW_DRAFT, {**SOMEBODY, "phone": "040 123 4567"})
    hidden = fields_of(eero.post(NEW, SOMEBODY).content.decode())
    typed = {**SOMEBODY, **CASE, "no_code_reason": "not_known", "mother_tongue": "fi", "service_language": "fi",
             "submission": hidden["submission"]}  # fmt: skip
    assert eero.post(REGISTER, typed).status_code == 302
    assert rows(Draft) == []


def test_a_new_clients_draft_stays_in_the_organisation_it_was_typed_in(cast: Cast, page_of: Pages) -> None:
    second, eero = also_works_in(cast, "eero", "social"), page_of("eero")
    eero.post(NEW_DRAFT, SOMEBODY)
    eero.post("/access/switch/", {"membership": second.pk})
    assert 'id="draft-offer"' not in eero.get(NEW).content.decode()


def test_neither_the_gate_nor_an_error_tells_what_non_disclosure_hides(cast: Cast, page_of: Pages) -> None:
    case, eero = case_of_aino(cast), page_of("eero")
    aino = cast.person()
    with acting(cast.eero):
        people.set_residence(cast.eero, person=aino, municipality_code="205")
        people.set_contact(cast.eero, person=aino, kind="phone", value="040 765 4321")
        people.correct(cast.eero, person=aino, version=aino.version, non_disclosure=True)
    named = {"first_names": "Aino Maria", "last_name": "Korhonen", "birth_date": "1990-01-01"}
    register = {**named, **CASE, "no_code_reason": "not_known", "mother_tongue": "fi", "service_language": "fi",
                "none_of_these": ""}  # fmt: skip
    answers = [
        eero.post(NEW, {"identity_code": AINOS_CODE}),
        eero.post(NEW, named),
        page_of("saara").post(NEW, named),
        eero.post(REGISTER, {**register, "identity_code": AINOS_CODE}),
        eero.post(reverse("cases:residence", args=[case.pk]), {"municipality": "Atlantis"}),
        eero.post(reverse("cases:contact_point", args=[case.pk]), {"kind": "phone", "value": "ei numero"}),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert "Kajaani" not in page.replace("Kajaanin kaupunki", ""), answer
        assert not re.search(r"765 ?4321", page), answer
