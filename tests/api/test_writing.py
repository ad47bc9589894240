"""Programs write through the verbs of the pages: the same rights, once for each key, on the version that they read."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from silta.access import jobs, queries, rules
from silta.access import operations as access
from silta.access.enums import TokenScope
from silta.access.models import KeptAnswer
from silta.audit.models import Event
from silta.cases.models import Case, Note
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.api.calls import V1, is_problem, send
from tests.cases import situations
from tests.cast import Cast, also_works_in, as_owner, key

Program = Callable[..., Client]
CONTACT = {"kind": "contact", "channel": "phone", "result": "reached", "text": "Sovittiin tapaaminen."}


@pytest.fixture
def case(cast: Cast) -> Case:
    """Aino's case with Saara and Kaisa in it."""
    return situations.in_network(cast)


def test_a_program_opens_a_case_and_works_it_to_its_end(cast: Cast, program: Program) -> None:
    eero = program("eero")
    opened = send(eero, "cases", {"identity_code": "010190-900P", "kind": "coaching", "source": "self"})
    assert opened.status_code == 201
    case = opened.json()["id"]
    assert opened["Location"] == f"{V1}/cases/{case}"
    assert opened["ETag"] == eero.get(opened["Location"])["ETag"]
    note = send(eero, f"cases/{case}/notes", CONTACT).json()
    goal = send(eero, f"cases/{case}/goals", {"own_words": "Haluan töihin.", "proposed_by": "client"})
    how = {"reason": "Sanoi puhelimessa"}
    confirmed = send(eero, f"cases/{case}/goals/{goal.json()['id']}/confirm", how, read=goal["ETag"])
    assert confirmed.json() == {"id": goal.json()["id"], "version": 2}
    step = send(
        eero, f"cases/{case}/steps", {"text": "Soita", "goal_id": goal.json()["id"], "due_on": "2099-01-01"}
    )
    done = send(eero, f"cases/{case}/steps/{step.json()['id']}/complete", {}, read=step["ETag"])
    assert done["ETag"] == '"2"'
    service = send(
        eero,
        f"cases/{case}/services",
        {"name": "Valmennus", "provider_unit_id": str(cast.unit("coaching").pk)},
    )
    started = send(
        eero,
        f"cases/{case}/services/{service.json()['id']}/state",
        {"state": "started"},
        read=service["ETag"],
    )
    assert started.status_code == 200
    told = {
        part: eero.get(f"{V1}/cases/{case}/{part}").json() for part in ("notes", "goals", "steps", "services")
    }
    assert told["notes"]["items"][0]["id"] == note["id"]
    assert (told["goals"][0]["state"], told["steps"][0]["state"]) == ("confirmed", "done")
    assert told["services"][0]["state"] == "started"
    version = eero.get(f"{V1}/cases/{case}")["ETag"]
    end = {
        "outcome": "open_employment",
        "parties": ["client", "employment_authority"],
        "onward": "path",
        "onward_text": "Työterveys",
    }
    ended = send(eero, f"cases/{case}/end", end, read=version)
    assert ended.status_code == 200, ended.content
    assert eero.get(f"{V1}/cases/{case}").json()["state"] == "ended"
    again = send(eero, f"cases/{case}/reopen", {"reason": "Työ päättyi"}, read=ended["ETag"])
    assert again.status_code == 200
    with acting(cast.eero):
        acts = Event.objects.filter(action="cases.write_note", subject_id=note["id"])
        assert [act.details["token"] for act in acts] == [
            str(token.pk) for token in queries.tokens_of(cast.eero)
        ]


def test_a_contact_sent_twice_with_one_key_is_logged_once_and_answered_the_same(
    cast: Cast, case: Case, program: Program
) -> None:
    eero, where = program("eero"), f"cases/{case.pk}/notes"
    first = send(eero, where, CONTACT, key="kirjaus-0001")
    second = send(eero, where, CONTACT, key="kirjaus-0001")
    assert first.status_code == 201
    assert (second.status_code, second.content, second["ETag"]) == (201, first.content, first["ETag"])
    assert is_problem(
        send(eero, where, CONTACT | {"text": "Muuta"}, key="kirjaus-0001"), 422, "api.key_reused"
    )
    assert is_problem(
        send(eero, f"cases/{case.pk}/flags", {"text": "Muuta"}, key="kirjaus-0001"), 422, "api.key_reused"
    )
    with acting(cast.eero):
        assert Note.objects.filter(case=case).count() == 1
    other = send(program("saara"), where, CONTACT, key="kirjaus-0001")
    assert other.json()["id"] != first.json()["id"]


def test_an_answer_is_repeated_after_what_was_written_changed(case: Case, program: Program) -> None:
    eero = program("eero")
    read = eero.get(f"{V1}/cases/{case.pk}")["ETag"]
    need = {"need": "intensive", "reason": "Tilanne muuttui"}
    first = send(eero, f"cases/{case.pk}/need", need, read=read, key="tarve-0001")
    send(eero, f"cases/{case.pk}/need", need | {"need": "light"}, read=first["ETag"])
    again = send(eero, f"cases/{case.pk}/need", need, read=read, key="tarve-0001")
    assert (again.status_code, again.content) == (200, first.content)
    assert eero.get(f"{V1}/cases/{case.pk}").json()["need"] == "light"


def test_a_call_that_was_refused_leaves_its_key_free(case: Case, program: Program) -> None:
    eero, where = program("eero"), f"cases/{case.pk}/notes"
    assert send(eero, where, CONTACT | {"channel": None}, key="kirjaus-0002").status_code == 422
    assert send(eero, where, CONTACT, key="kirjaus-0002").status_code == 201


def test_a_write_without_a_key_of_its_own_is_refused(case: Case, program: Program) -> None:
    eero = program("eero")
    for wrong in ("", "short", "ääkköset-eivät-käy", "x" * 65):
        answer = send(eero, f"cases/{case.pk}/notes", CONTACT, key=wrong)
        assert is_problem(answer, 400, "api.no_key"), wrong


def test_whoever_is_too_late_loses_the_race(cast: Cast, case: Case, program: Program) -> None:
    eero, saara = program("eero"), program("saara")
    where, need = f"cases/{case.pk}/need", {"need": "intensive", "reason": "Tilanne muuttui"}
    read = eero.get(f"{V1}/cases/{case.pk}")["ETag"]
    assert send(saara, where, need, read=read).status_code == 200
    late = {"need": "light", "reason": "Rauhoittui"}
    assert is_problem(send(eero, where, late, read=read), 412, "cases.conflict")
    assert is_problem(send(eero, where, late), 428, "api.no_version")
    assert is_problem(send(eero, where, late, read="*"), 428, "api.no_version")
    assert is_problem(send(eero, where, late, read='W/"2"'), 428, "api.no_version")
    assert eero.get(f"{V1}/cases/{case.pk}").json()["need"] == "intensive"


def test_what_was_decided_once_is_a_conflict(cast: Cast, case: Case, program: Program) -> None:
    eero = program("eero")
    flag = send(eero, f"cases/{case.pk}/flags", {"text": "Soita vasta kymmenen jälkeen."}).json()["id"]
    done = {"resolution": "Sovittu"}
    assert send(eero, f"cases/{case.pk}/flags/{flag}/resolve", done).status_code == 200
    assert is_problem(send(eero, f"cases/{case.pk}/flags/{flag}/resolve", done), 409, "cases.conflict")


def test_a_refusal_points_at_the_field_as_it_was_sent(cast: Cast, case: Case, program: Program) -> None:
    eero = program("eero")
    step = {"text": "Soita", "owner_unit_id": str(cast.unit("coaching").pk)}
    answer = send(eero, f"cases/{case.pk}/steps", step)
    assert is_problem(answer, 422, "cases.owner_elsewhere")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/owner_unit_id"]
    answer = send(eero, f"cases/{case.pk}/steps", step | {"owner_unit_id": str(key("no unit"))})
    assert is_problem(answer, 422, "api.no_such_id")
    answer = send(eero, f"cases/{case.pk}/steps", {"text": "Soita", "tekst": "Soita"})
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/tekst"]


def test_another_place_of_the_same_user_gives_a_token_nothing(
    cast: Cast, case: Case, program: Program
) -> None:
    also_works_in(cast, "eero", "coaching")
    liisa = program("liisa")
    assert send(liisa, f"cases/{case.pk}/notes", CONTACT).status_code == 404
    with as_owner():
        membership = cast.user("eero").memberships.get(unit=cast.unit("coaching"))
    actor = queries.actor_for(cast.eero.user_id, membership.pk)
    assert actor is not None
    with acting(actor):
        secret = access.make_token(
            actor,
            name="Toinen paikka",
            scopes=tuple(TokenScope),
            expires_on=clock.today() + dt.timedelta(days=9),
        )[1]
    other = Client(headers={"Authorization": f"Bearer {secret}"})
    assert other.get(f"{V1}/cases/{case.pk}").status_code == 404
    assert send(other, f"cases/{case.pk}/notes", CONTACT).status_code == 404
    assert send(program("eero"), f"cases/{case.pk}/notes", CONTACT).status_code == 201


def test_each_write_needs_its_own_scope(case: Case, program: Program) -> None:
    calls = {
        TokenScope.CASES_WRITE: (f"cases/{case.pk}/notes", CONTACT),
        TokenScope.NETWORK_WRITE: (f"cases/{case.pk}/supporters", {"name": "Maija Korhonen"}),
        TokenScope.PEOPLE_WRITE: (
            f"cases/{case.pk}/person/contacts",
            {"kind": "phone", "value": "+358 40 123 4567"},
        ),
    }
    for scope, (path, body) in calls.items():
        assert send(program("eero", scope), path, body).status_code == 201, scope
        refused = send(program("eero", *(set(TokenScope) - {scope})), path, body)
        assert is_problem(refused, 403, "api.scope")
        assert refused["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_vaino_is_told_of_each_write_that_there_is_no_such_thing(
    cast: Cast, case: Case, program: Program
) -> None:
    vaino = program("vaino")
    for path, body in (
        ("notes", CONTACT), ("steps", {"text": "Soita"}), ("goals", {"own_words": "Töihin", "proposed_by": "client"}),
        ("need", {"need": "light", "reason": "x"}), ("supporters", {"name": "Maija"}), ("flags", {"text": "Huomaa"}),
    ):  # fmt: skip
        forbidden = send(vaino, f"cases/{case.pk}/{path}", body, read='"1"')
        absent = send(vaino, f"cases/{key('no case')}/{path}", body, read='"1"')
        assert (forbidden.status_code, forbidden.content) == (404, absent.content), path
    with acting(cast.vaino):
        refused = Event.objects.filter(action="access.refused", outcome="refused", kind="write")
        assert refused.filter(subject_id=str(case.pk), person_id=str(case.person_id)).count() == 6


def test_a_new_client_is_registered_once_and_only_after_the_question(cast: Cast, program: Program) -> None:
    eero = program("eero")
    ville = {
        "first_names": "Ville", "last_name": "Lehto", "birth_date": "1988-03-04", "no_code_reason": "not_known",
        "kind": "coaching", "source": "self", "municipality": "Kajaani", "phone": "+358 40 123 4567",
    }  # fmt: skip
    made = send(eero, "clients", ville, key="asiakas-0001")
    assert made.status_code == 201, made.content
    told = eero.get(f"{made['Location']}/person").json()
    assert (told["last_name"], told["municipality"], told["contact_points"][0]["value"]) == (
        "Lehto",
        "Kajaani",
        "+358 40 123 4567",
    )
    assert send(eero, "clients", ville, key="asiakas-0001").content == made.content
    assert is_problem(send(eero, "clients", ville), 409, "people.likely_same")
    asked = {"first_names": "Ville", "last_name": "Lehto", "birth_date": "1988-03-04"}
    found = send(eero, "clients/matches", asked).json()
    assert [one["case_ids"] for one in found["likely"]] == [[made.json()["id"]]]
    assert send(program("vaino"), "clients/matches", asked).json() == {
        "is_known": False, "known": None, "likely": [], "unseen": 1,
    }  # fmt: skip
    assert send(eero, "clients", ville | {"none_of_these": True}).status_code == 201
    aino = ville | {"identity_code": "010190-900P", "no_code_reason": None}
    assert is_problem(send(eero, "clients", aino), 409, "people.already_registered")
    with acting(cast.eero):
        asked_by = Event.objects.filter(action="cases.ask_gate", person_id=str(key("aino person")))
        assert asked_by.count() == 1


def test_whoever_is_refused_after_the_question_has_asked_it(cast: Cast, program: Program) -> None:
    wanted = {"identity_code": "010190-900P", "kind": "no_such_kind", "source": "self"}
    refused = send(program("vaino"), "cases", wanted)
    assert is_problem(refused, 422, "cases.kind_not_open")
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/kind"]
    with acting(cast.vaino):
        assert Event.objects.filter(action="cases.ask_gate", person_id=str(key("aino person"))).count() == 1
    with as_owner():
        assert not Case.objects.exists()


def test_a_clients_details_are_put_right_by_the_version_that_was_read(case: Case, program: Program) -> None:
    eero, where = program("eero"), f"cases/{case.pk}/person"
    read = eero.get(f"{V1}/{where}")
    put_right = send(eero, where, {"call_name": "Ainu"}, read=read["ETag"])
    assert put_right.status_code == 200
    told = eero.get(f"{V1}/{where}").json()
    assert (told["call_name"], told["first_names"]) == ("Ainu", "Aino Maria")
    assert send(eero, where, {"call_name": "Aino"}, read=read["ETag"]).status_code == 412
    contact = send(eero, f"{where}/contacts", {"kind": "email", "value": "aino@asiakas.example"})
    ended = send(eero, f"{where}/contacts/{contact.json()['id']}/end", {})
    assert ended.status_code == 200
    assert eero.get(f"{V1}/{where}").json()["contact_points"] == []


def test_non_disclosure_holds_back_where_the_client_is(cast: Cast, case: Case, program: Program) -> None:
    eero, where = program("eero"), f"cases/{case.pk}/person"
    send(eero, f"{where}/contacts", {"kind": "phone", "value": "+358 40 123 4567"})
    send(eero, f"{where}/residence", {"municipality": "Kajaani"})
    send(eero, where, {"non_disclosure": True}, read=eero.get(f"{V1}/{where}")["ETag"])
    answer = eero.get(f"{V1}/{where}")
    assert (answer.json()["is_hidden"], answer.json()["contact_points"], answer.json()["municipality"]) == (
        True,
        [],
        "",
    )
    assert "123 4567" not in answer.content.decode()


def test_the_network_is_asked_in_handed_to_and_left(cast: Cast, program: Program) -> None:
    case = situations.case_of_aino(cast)
    eero = program("eero")
    kela = {"unit_id": str(cast.unit("kela").pk), "answers_for": "Kuntoutus", "categories": ["plan"]}
    invited = send(eero, f"cases/{case.pk}/participants", kela)
    assert invited.status_code == 201
    kaisa = program("kaisa")
    assert kaisa.get(f"{V1}/cases/{case.pk}").status_code == 200
    left = send(kaisa, f"cases/{case.pk}/participants/{invited.json()['id']}/leave", {"reason": "Ei tarvita"})
    assert left.status_code == 200
    assert kaisa.get(f"{V1}/cases/{case.pk}").status_code == 404
    version = eero.get(f"{V1}/cases/{case.pk}")["ETag"]
    over = {"to_user_id": str(cast.user("paula").pk), "note": "Aino odottaa soittoa."}
    assert send(eero, f"cases/{case.pk}/hand-overs", over, read=version).status_code == 201


def test_an_offered_case_is_taken_by_the_unit_it_is_offered_to(cast: Cast, program: Program) -> None:
    case = situations.case_of_aino(cast, kind="coaching", by="saara")
    eero, saara, employment = program("eero"), program("saara"), str(cast.unit("employment").pk)
    offer = send(saara, f"cases/{case.pk}/transfers", {"to_unit_id": employment, "reason": "Jatkuu siellä"})
    where = f"cases/{case.pk}/transfers/{offer.json()['id']}"
    assert is_problem(send(saara, f"{where}/accept", {}), 404, "api.not_found")
    assert send(eero, f"{where}/accept", {}).status_code == 200
    assert eero.get(f"{V1}/cases/{case.pk}").json()["unit_id"] == employment
    assert is_problem(send(saara, f"{where}/withdraw", {}), 409, "cases.transfer_decided")


def test_a_consent_is_recorded_read_and_taken_back(cast: Cast, case: Case, program: Program) -> None:
    eero, where = program("eero"), f"people/{case.person_id}/consents"
    consent = {
        "ground": "consent", "to_unit_id": str(cast.unit("coaching").pk), "categories": ["identity"],
        "purpose_text": "Työhönvalmennus", "channel": "writing",
    }  # fmt: skip
    made = send(eero, where, consent)
    assert made.status_code == 201, made.content
    assert eero.get(f"{V1}/{where}").json()[0]["id"] == made.json()["id"]
    back = f"consents/{made.json()['id']}/withdraw"
    assert send(eero, back, {}).status_code == 200
    assert is_problem(send(eero, back, {}), 409, "access.consent_withdrawn")
    assert is_problem(send(eero, where, consent | {"to_unit_id": str(key("no unit"))}), 422, "api.no_such_id")


def test_a_kept_answer_tells_nothing_of_anybody_and_goes_after_some_days(
    cast: Cast, case: Case, program: Program
) -> None:
    eero, where = program("eero"), f"cases/{case.pk}/notes"
    first = send(eero, where, CONTACT, key="Aino-Korhonen-010190-900P")
    with as_owner():
        kept = str(vars(KeptAnswer.objects.get()))
    assert not [word for word in ("Aino", "010190", "Sovittiin", str(case.person_id)) if word in kept]
    with acting(cast.saara):
        assert not KeptAnswer.objects.exists()
    with time_machine.travel(clock.now() + dt.timedelta(days=rules.ANSWER_DAYS - 1)), as_owner():
        assert access.forget_answers() == 0
    with time_machine.travel(clock.now() + dt.timedelta(days=rules.ANSWER_DAYS, hours=1)):
        with as_owner():
            jobs.forget_answers(0)
            assert not KeptAnswer.objects.exists()
        assert send(eero, where, CONTACT, key="Aino-Korhonen-010190-900P").json()["id"] != first.json()["id"]
