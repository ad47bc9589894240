"""Batches and single verbs leave the same behind, table by table; and a process killed in the middle loses nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.translation import gettext

from silta.access.models import Grant
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.audit.models import Event
from silta.cases.enums import Source
from silta.cases.models import (
    Case,
    CaseNumber,
    Deadline,
    HandOver,
    Note,
    Participation,
    PlanVersion,
    Review,
    StatusChange,
)
from silta.cases.operations import importing, network, opening
from silta.cases.operations import person as client
from silta.intake import operations
from silta.intake.enums import Field
from silta.intake.models import Tie
from silta.intake.operations import writing
from silta.intake.queries.matching import Examined
from silta.kernel.actor import Actor
from silta.people import operations as register
from silta.people.enums import NoCodeReason
from silta.people.models import ContactPoint, Person, Residence
from tests.cast import Cast, as_owner
from tests.intake.conftest import CASELOAD, HEADINGS, MAIJA, MATTI

Written = Callable[..., Path]
TABLES = (
    Person, Residence, ContactPoint, Grant, Case, CaseNumber, Participation, StatusChange, PlanVersion, Review, Note,
    Deadline, HandOver, Tie,
)  # fmt: skip
HISTORY = ("people_personevent", "people_residenceevent", "people_contactpointevent", "cases_noteevent")


def one_by_one(actor: Actor, one: Examined) -> None:
    """What a batch does, told as a worker would do it: verb after verb of the other rooms."""
    values = one.values
    code = values.get(Field.IDENTITY_CODE, "")
    person = one.person_id or register.register(
        actor, first_names=values[Field.FIRST_NAMES], last_name=values[Field.LAST_NAME], identity_code=code,
        no_code_reason="" if code else NoCodeReason.NOT_KNOWN, birth_date=values.get(Field.BIRTH_DATE),
        mother_tongue=values.get(Field.MOTHER_TONGUE, "fi"), service_language=values.get(Field.SERVICE_LANGUAGE, "fi"),
        non_disclosure=values.get(Field.NON_DISCLOSURE, False),
    )  # fmt: skip
    responsible = User.objects.filter(pk=values.get(Field.RESPONSIBLE)).first()
    case = opening.open_case(
        actor, person=person, kind=values[Field.SERVICE], source=Source.IMPORTED, opened_on=values[Field.OPENED_ON],
        responsible=responsible, without_responsible=responsible is None,
        official_reference=values[Field.EXTERNAL_ID],
    )  # fmt: skip
    person = case.person
    if place := values.get(Field.MUNICIPALITY):
        register.set_residence(actor, person=person, municipality_code=place)
    for named, kind in ((Field.PHONE, "phone"), (Field.EMAIL, "email")):
        if value := values.get(named):
            register.set_contact(actor, person=person, kind=kind, value=value)
    history = {**writing.history(values), "note": writing.remembered(one, str(values.get(Field.NOTE, "")))}
    if any(history.values()):
        importing.record_history(actor, case=case, **history)
    one.person_id, one.case_id = person.pk, case.pk


def verb_after_verb(actor: Actor, found: list[Examined]) -> None:
    for one in found:
        one_by_one(actor, one)


def told() -> dict[str, Any]:
    """Everything an import leaves behind, without the keys and moments of rows: by names that are the same each time."""
    with as_owner():
        names = {
            row.pk: f"{row.last_name} {row.first_names} {row.identity_code}" for row in Person.objects.all()
        }
        names |= {row.pk: f"case {row.number}" for row in Case.objects.all()}
        names |= {row.pk: f"plan of {names[row.case_id]}" for row in PlanVersion.objects.all()}
        for model in (Grant, Residence, ContactPoint):
            names |= {row.pk: f"{model.__name__} of {names[row.person_id]}" for row in model.objects.all()}
        texts = {str(key): name for key, name in names.items()}

        def plain(row: Any) -> str:
            shown = {
                field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields
                if field.attname not in {"id", "recorded_at", "valid_from", "happened_at", "file_id"}
            }  # fmt: skip
            return str({name: texts.get(str(value), value) for name, value in shown.items()})

        found: dict[str, Any] = {model.__name__: sorted(map(plain, model.objects.all())) for model in TABLES}
        found["journal"] = sorted(
            str((one.action, one.kind, one.user_id, one.unit_id, one.ground, one.recipient_unit_id,
                 texts.get(one.person_id, one.person_id), texts.get(one.subject_id, one.subject_type),
                 {name: texts.get(str(value), value) for name, value in one.details.items()}))
            for one in Event.objects.exclude(action__startswith="intake.")
        )  # fmt: skip
        with connection.cursor() as cursor:
            for table in HISTORY:
                cursor.execute(f"SELECT pgh_label, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
                found[table] = cursor.fetchall()
            cursor.execute(
                "SELECT number, (array_agg(version ORDER BY pgh_id DESC))[1] FROM cases_caseevent GROUP BY 1 ORDER BY 1"
            )
            found["cases_caseevent"] = cursor.fetchall()
        assert audit.verify() == []
    return found


def many_kinds(written: Written) -> Path:
    """Sixty rows of the office's caseload, and what they lack: one ended, one known elsewhere, one person in two cases."""
    lines = CASELOAD.read_bytes().decode("cp1252").splitlines()
    places = [lines[0].split(";").index(name) for name in HEADINGS.split(";")]
    taken = [
        line.split(";") for line in lines[1:150] if "Työhönvalmennus" in line or "Monialainen tuki" in line
    ]
    rows = [";".join(cells[place] for place in places) for cells in taken[:60]]
    ended = MATTI.replace(";;Soitettu", ";15.11.2026;Soitettu")
    known = (
        MATTI.replace("KA-1", "KA-3")
        .replace("141263-918K", "010190-900P")
        .replace("Meikäläinen;Matti", "Korhonen;Aino")
    )
    return written(
        *rows,
        ended,
        known,
        MAIJA,
        MAIJA.replace("KA-2", "KA-4").replace("Työhönvalmennus", "Monialainen tuki"),
    )


def test_a_batch_leaves_behind_what_single_verbs_leave(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many_kinds(written)

    def imported() -> tuple[dict[str, int], dict[str, Any]]:
        undo = transaction.savepoint()
        report = operations.import_path(cast.paula, path, dry_run=False, source="Vanha")
        found = told()
        transaction.savepoint_rollback(undo)
        return report.counts, found

    counts, together = imported()
    monkeypatch.setattr(writing, "bring_in", verb_after_verb)
    again, alone = imported()
    assert counts == again
    assert counts["new"] > 55
    assert {name: len(rows) for name, rows in together.items()} == {
        name: len(rows) for name, rows in alone.items()
    }
    for name, rows in alone.items():
        assert together[name] == rows, name


def change_by_change(actor: Actor, found: list[Examined]) -> None:
    """What a batch of changes does, told as a worker would do it: verb after verb of the other rooms."""
    for one in found:
        case = Case.objects.select_related("person", "unit__organisation", "controller").get(pk=one.case_id)
        new = {change.field: change.new for change in one.changes}
        of_person = {name: new[named] for named, name in writing._OF_PERSON.items() if named in new}
        if of_person:
            client.correct_person(actor, person=case.person, version=case.person.version, **of_person)
        if place := new.get(Field.MUNICIPALITY):
            register.set_residence(actor, person=case.person, municipality_code=place)
        for named, kind in ((Field.PHONE, "phone"), (Field.EMAIL, "email")):
            if value := new.get(named):
                register.set_contact(actor, person=case.person, kind=kind, value=value)
        if user := User.objects.filter(pk=new.get(Field.RESPONSIBLE)).first():
            network.hand_over(actor, case=case, to_user=user, note=gettext("Changed by an imported file"))
            case.refresh_from_db()
        if told_now := writing.history(new):
            importing.record_history(actor, case=case, **told_now)


CHANGES = (
    # Which rows, the column, and what another export says there; an empty cell is not filled.
    (2, "Viimeisin yhteydenotto", "21.11.2026"),
    (3, "Puhelin", "040 555 {row}"),
    (4, "Viimeisin tarkistus", "20.11.2026"),
    (5, "Kotikunta", "Sotkamo"),
    (7, "Sukunimi", "Uusinimi"),
    (9, "Sähköposti", "uusi{row}@posti.example"),
    (10, "Suunnitelma laadittu", "19.11.2026"),
    (11, "Vastuuhenkilö", "Paula Laine"),
    (12, "Lisätieto", "Uusi tieto"),
    (13, "Turvakielto", "K"),
    (17, "Asiakkuus päättyi", "21.11.2026"),
)


def changed_export(path: Path, written: Written) -> Path:
    """The same clients a week later: dates, telephones, places, names and workers are others here and there."""
    lines = [line.split(";") for line in path.read_bytes().decode("cp1252").splitlines()]
    for number, cells in enumerate(lines[1:], start=1):
        for every, column, text in CHANGES:
            place = lines[0].index(column)
            # A file never moves a review before its plan, nor ends a case twice.
            if number % every == 0 and (
                cells[place] or column in {"Puhelin", "Sähköposti", "Asiakkuus päättyi"}
            ):
                cells[place] = text.format(row=number)
    return written(*(";".join(cells) for cells in lines[1:]), name="viikon-paasta.csv")


def test_a_batch_of_changes_leaves_behind_what_single_verbs_leave(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = many_kinds(written)
    operations.import_path(cast.paula, first, dry_run=False, source="Vanha")
    later = changed_export(first, written)

    def imported() -> tuple[dict[str, int], dict[str, Any]]:
        undo = transaction.savepoint()
        report = operations.import_path(cast.paula, later, dry_run=False, source="Vanha")
        found = told()
        transaction.savepoint_rollback(undo)
        return report.counts, found

    counts, together = imported()
    monkeypatch.setattr(writing, "bring_up_to_date", change_by_change)
    again, alone = imported()
    assert counts == again
    assert counts["updated"] > 35
    for action in ("people.correct", "cases.hand_over", "cases.record_history"):
        assert any(action in line for line in together["journal"]), action
    for name, rows in alone.items():
        assert together[name] == rows, name
