"""A person's own export: everything about her, to her, in her words; nothing of others, and nothing for anybody else."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from pghistory.models import Events

from silta.access import operations
from silta.access.models import DataExport
from silta.access.queries import own_data
from silta.accounts.models import User
from silta.audit.models import Event
from silta.cases import enums
from silta.cases.models import Case
from silta.cases.operations import flags, goals, notes
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken
from silta.people import operations as people
from silta.people.models import Person
from tests.cases import situations
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
INTERNAL, SHARED = "Epäilen toisen asiakkaan kertoneen.", "Kävimme läpi työhakemuksen."
TELEPHONE = "+358401234567"


@pytest.fixture
def case(cast: Cast) -> Case:
    """Aino's case with a plan, a shared and an internal note, a flag, and a way to reach her."""
    plan = situations.with_plan(cast)
    with as_owner():
        case = Case.objects.select_related("person", "unit__organisation", "controller").get(pk=plan.case_id)
    with acting(cast.eero):
        notes.write_note(cast.eero, case=case, kind=enums.NoteKind.OBSERVATION, text=SHARED)
        notes.write_note(
            cast.eero,
            case=case,
            kind=enums.NoteKind.OBSERVATION,
            text=INTERNAL,
            visibility=enums.Visibility.INTERNAL,
        )
        flags.raise_flag(cast.eero, case=case, text="Soita aamulla.")
        people.set_contact(cast.eero, person=case.person, kind="phone", value=TELEPHONE)
    return case


def asked(cast: Cast, language: str = "fi") -> DataExport:
    """Aino asks for her data, and the worker puts them together."""
    with acting(cast.aino):
        row = operations.ask_for_own_data(cast.aino, language=language)
    return made(row)


def asked_by_officer(cast: Cast) -> DataExport:
    """The officer asks on her behalf."""
    with acting(cast.officer):
        row = operations.ask_on_behalf(
            cast.officer, person_id=key("aino person"), ground="access", reason="Näytti passin", language="fi"
        )
    return made(row)


def made(row: DataExport) -> DataExport:
    """What the worker does with a request."""
    operations.make_export(row.pk)
    with as_owner():
        return DataExport.objects.get(pk=row.pk)


def section(row: DataExport, label: str) -> dict[str, Any]:
    """One table of the export."""
    content = row.content or {}
    return next(one for one in content["sections"] if one["table"] == label)


def of_a_person(model: type[models.Model]) -> bool:
    """Whether the table names a person, or a user as herself, or holds a sign-in."""
    if hasattr(model, "pgh_tracked_model") or issubclass(model, Events):
        return False  # Told with the rows whose history they are.
    if model in {Person, User} or model._meta.label_lower == "audit.event":
        return True
    keys = [one for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey)]
    return any(one.related_model is Person for one in keys) or (
        not model.__module__.startswith("silta.") and any(one.related_model is User for one in keys)
    )


def test_every_table_that_tells_of_a_person_is_in_the_export_or_says_why_not() -> None:
    """Walks the registry: a new table that names a person fails until its room says how she is told of it."""
    told = {table.label for table in own_data.tables()}
    known = {model._meta.label_lower for model in apps.get_models() if of_a_person(model)}
    assert known == told
    assert len(told) > 25


def test_every_field_that_is_told_has_its_words_and_what_is_left_out_exists() -> None:
    for table in own_data.tables():
        names = {one.name for one in table.model._meta.concrete_fields}
        assert table.skip <= names, table.label
        assert set(table.fields) <= names, table.label
        for one in table.told_fields():
            if not table.elsewhere:
                assert table.words(one.name) != one.name, f"{table.label}.{one.name}"


def test_she_reads_everything_that_is_held_about_her(cast: Cast, case: Case) -> None:
    row = asked(cast)
    text = json.dumps(row.content, ensure_ascii=False)
    for words in (
        "010190-900P", "Aino Maria", TELEPHONE, situations.OWN_WORDS, "Soita Mäkisen Puuhun", "Työhönvalmennus",
        "Selän kuormitus rajoittaa nostamista.", "Työterveyslääkärin lausunto", SHARED, "Eero Virtanen",
        "Työkyvyn tuki, Kainuun työllisyysalue", "Monialainen tuki", case.number, "aino.korhonen@asiakas.example",
    ):  # fmt: skip
        assert words in text, words
    assert {one["label"] for one in section(row, "cases.goal")["rows"][0]["fields"]} >= {
        "Omin sanoin",
        "Kuka kirjasi",
    }
    assert "Kuka on nähnyt tietojani" in json.dumps(row.content["elsewhere"], ensure_ascii=False)


def test_what_is_kept_back_is_counted_with_its_ground(cast: Cast, case: Case) -> None:
    row = asked(cast)
    text = json.dumps(row.content, ensure_ascii=False)
    assert INTERNAL not in text
    assert "Soita aamulla." not in text
    assert section(row, "cases.note")["kept_back"] == 1
    assert "1050/2018 34 §" in section(row, "cases.note")["ground"]
    assert section(row, "cases.flag")["kept_back"] == 1
    assert section(row, "cases.flag")["rows"] == []


def test_what_stood_in_a_row_before_is_told_of_rows_she_reads_only(cast: Cast, case: Case) -> None:
    with as_owner():
        goal = case.goals.get()
    with acting(cast.eero):
        goals.achieve_goal(cast.eero, goal=goal, version=goal.version, reason="Sai työn")
    row = asked(cast)
    earlier = section(row, "cases.goal")["rows"][0]["earlier"]
    assert ["Asiakas on vahvistanut"] in [
        one["told"] for was in earlier for one in was["fields"] if one["name"] == "state"
    ]
    assert INTERNAL not in json.dumps(row.content, ensure_ascii=False)


def test_it_tells_of_nobody_else(cast: Cast, case: Case) -> None:
    """Another client of the same worker, and the workers' own details, are not in it."""
    with acting(cast.eero):
        other = people.register(
            cast.eero, first_names="Toinen", last_name="Asiakas", identity_code="020594X903P"
        )
    situations_of_other = other.pk
    text = json.dumps(asked(cast).content, ensure_ascii=False)
    assert "020594X903P" not in text
    assert str(situations_of_other) not in text
    with as_owner():
        staff = User.objects.exclude(pk=key("aino")).values_list("email", "pk")
    for email, user_id in staff:
        assert email not in text
        assert str(user_id) not in text


def test_it_is_told_in_her_language(cast: Cast, case: Case) -> None:
    text = json.dumps(asked(cast, "sv").content, ensure_ascii=False)
    assert "Dina mål" in text
    assert "Med egna ord" in text
    assert "Tavoitteesi" not in text


def test_only_whoever_asked_reads_it(cast: Cast, case: Case) -> None:
    own, for_her = asked(cast), asked_by_officer(cast)
    with acting(cast.officer), pytest.raises(NotFound):
        operations.read_export(cast.officer, export_id=own.pk, form="page")
    with acting(cast.aino), pytest.raises(NotFound):
        operations.read_export(cast.aino, export_id=for_her.pk, form="page")
    for name in ("eero", "paula", "vaino", "admin"):
        actor = getattr(cast, name)
        with acting(actor), pytest.raises(NotAllowed):
            operations.read_export(actor, export_id=own.pk, form="page")
        with acting(actor):
            assert not DataExport.objects.exists()


def test_the_officer_asks_with_a_reason_and_the_journal_tells_the_client(cast: Cast, case: Case) -> None:
    row = asked_by_officer(cast)
    assert "Selän kuormitus" in json.dumps(row.content, ensure_ascii=False)
    with acting(cast.officer):
        operations.read_export(cast.officer, export_id=row.pk, form="json")
    with acting(cast.aino):
        told = Event.objects.filter(person_id=str(key("aino person")), user_id=str(cast.officer.user_id))
        assert {(one.action, one.details["right"]) for one in told} == {
            ("access.ask_export", "access"), ("access.read_export", "access"),
        }  # fmt: skip
    with acting(cast.officer), pytest.raises(RuleBroken):
        operations.ask_on_behalf(
            cast.officer, person_id=key("aino person"), ground="access", reason=" ", language="fi"
        )


def test_the_officer_of_an_organisation_that_never_knew_her_asks_in_vain(cast: Cast) -> None:
    """Aino is in the register, and no unit of the authority has a ground to know her."""
    with acting(cast.officer), pytest.raises(NotAllowed):
        operations.ask_on_behalf(
            cast.officer, person_id=key("aino person"), ground="access", reason="Soitti", language="fi"
        )
    with acting(cast.officer), pytest.raises(Exception, match="row-level security"):
        DataExport(
            person_id=key("aino person"), asked_by_id=cast.officer.user_id, asked_by_unit_id=cast.officer.unit_id,
            asked_at=clock.now(), ground="access", reason="Soitti", language="fi",
        ).save(force_insert=True)  # fmt: skip


def test_after_its_days_it_is_not_read_and_then_emptied(cast: Cast, case: Case) -> None:
    row = asked(cast)
    with clock.at(clock.now() + dt.timedelta(days=7, minutes=1)):
        with acting(cast.aino), pytest.raises(NotFound):
            operations.read_export(cast.aino, export_id=row.pk, form="page")
        assert operations.empty_exports() == 1
        assert operations.empty_exports() == 0
    with as_owner():
        assert DataExport.objects.get(pk=row.pk).content is None


def test_a_new_one_takes_the_place_of_the_former_and_two_are_not_made_at_once(cast: Cast, case: Case) -> None:
    first = asked(cast)
    with acting(cast.aino):
        second = operations.ask_for_own_data(cast.aino, language="fi")
        with pytest.raises(RuleBroken):
            operations.ask_for_own_data(cast.aino, language="fi")
    made(second)
    with as_owner():
        assert DataExport.objects.get(pk=first.pk).content is None
        assert DataExport.objects.get(pk=second.pk).content is not None


def test_what_protects_her_is_not_told_to_whoever_acts_for_her(cast: Cast, case: Case) -> None:
    """Under non-disclosure a guardian's export holds no contact details; her own does."""
    with as_owner():
        Person.objects.filter(pk=key("aino person")).update(non_disclosure=True)
        guardian = User.objects.create(email="edunvalvoja@example.fi", name="Ede Valvoja")
    with acting(cast.eero):
        operations.represent(
            cast.eero, person=cast.person(), user=guardian, is_self=False, basis="Edunvalvontapäätös"
        )
    actor = type(cast.aino)(guardian.pk, "client", "own_matter", person_id=key("aino person"))
    with acting(actor):
        row = operations.ask_for_own_data(actor, language="fi")
    text = json.dumps(made(row).content, ensure_ascii=False)
    assert SHARED in text
    assert TELEPHONE not in text
    assert "aino.korhonen@asiakas.example" not in text
    assert TELEPHONE in json.dumps(asked(cast).content, ensure_ascii=False)


def test_she_asks_reads_prints_and_saves_on_her_own_pages(page_of: Page, cast: Cast, case: Case) -> None:
    client = page_of("aino")
    assert client.post("/me/data/").status_code == 302
    with as_owner():
        row = DataExport.objects.get()
    assert "kootaan" in client.get("/me/data/").content.decode()
    made(row)
    page = client.get(f"/me/data/{row.pk}/").content.decode()
    assert situations.OWN_WORDS in page
    assert "1 merkintää" in page or "1 merkintä" in page
    answer = client.get(f"/me/data/{row.pk}/data.json")
    assert answer["Content-Disposition"].startswith("attachment")
    tables = json.loads(answer.content)["tables"]
    assert tables["cases.goal"]["rows"][0]["own_words"] == situations.OWN_WORDS
    assert tables["people.person"]["rows"][0]["identity_code"] == "010190-900P"
    with as_owner():
        read = Event.objects.filter(action="access.read_export", user_id=str(key("aino")))
        assert sorted(one.details["form"] for one in read) == ["json", "page"]
    assert page_of("vaino").get(f"/me/data/{row.pk}/").status_code == 404


def test_the_officers_page_tells_the_same_of_a_stranger_and_of_nobody(page_of: Page, cast: Cast) -> None:
    sent = {"ground": "access", "reason": "Kävi", "language": "fi"}
    known = page_of("officer").post("/access/exports/", {**sent, "identity_code": "010190-900P"})
    nobody = page_of("officer").post("/access/exports/", {**sent, "identity_code": "020594X903P"})
    assert "Organisaatiollasi ei ole" in known.content.decode()
    assert "Organisaatiollasi ei ole" in nobody.content.decode()
    with as_owner():
        assert not DataExport.objects.exists()
