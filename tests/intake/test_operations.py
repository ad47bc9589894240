"""From a file to cases: what goes in, what stays out, and what the same file does the second time."""

import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import time_machine
from django.db import OperationalError

from silta.audit.models import Event
from silta.cases.enums import Source, State
from silta.cases.models import Case, Note, Participation, PlanVersion, Review
from silta.intake import operations
from silta.intake.enums import Field, FileState, Outcome, RowState
from silta.intake.models import File, Mapping, Row, Tie
from silta.intake.operations import running, writing
from silta.intake.queries import files as queries
from silta.intake.queries import handing_back
from silta.intake.queries.matching import Examined
from silta.kernel import batches
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.people import operations as register
from silta.people.models import ContactPoint, Person
from tests.cast import Cast, as_owner, key
from tests.intake.conftest import CASELOAD, DAY, MAIJA, MATTI

Written = Callable[..., Path]


def bring(cast: Cast, path: Path, *, dry_run: bool = False) -> operations.Report:
    return operations.import_path(cast.paula, path, dry_run=dry_run, source="Vanha järjestelmä")


def checked(cast: Cast, path: Path) -> File:
    return bring(cast, path, dry_run=True).file


def others(number: int) -> list[str]:
    """Rows of people without a code, each of her own."""
    return [
        f"KA-1{n};Toka{'abcde'[n]};Eka{'abcde'[n]};;;;;;Monialainen tuki;1.9.2025;;;;;;;"
        for n in range(number)
    ]


def row(file: File, number: int = 2) -> Row:
    return Row.objects.select_related("file__unit__organisation").get(file=file, number=number)


def test_the_caseload_of_an_office_is_understood_to_the_last_row(cast: Cast) -> None:
    report = operations.import_path(cast.paula, CASELOAD, dry_run=True)
    assert {name: report.counts[name] for name in ("rows", "blank", "ready", "bad", "skipped")} == {
        "rows": 1203, "blank": 1, "ready": 861, "bad": 342, "skipped": 1,
    }  # fmt: skip
    assert {problem.code: problem.rows for problem in report.problems} == {
        "service_not_yours": 328, "unsound_code": 6, "future_opening": 2, "no_such_day": 2, "out_of_order": 2,
        "same_code_other_name": 2, "unknown_responsible": 2, "unknown_service": 2,
        "responsible_elsewhere": 722, "no_responsible": 32, "surname_cut": 23, "future_date": 7, "perhaps_same": 4,
        "no_code": 3, "ended_municipality": 2, "not_an_email": 2, "twin_code": 2,
        "mail_not_ascii": 200, "tidied": 3, "formula": 2, "markup": 2, "same_row": 1,
    }  # fmt: skip
    told = {(line.number, line.code) for line in report.lines}
    assert {
        (282, "no_such_day"), (1130, "no_such_day"), (566, "future_opening"), (1166, "future_opening"),
        (837, "out_of_order"), (1157, "out_of_order"), (111, "unsound_code"), (964, "unsound_code"),
        (168, "unknown_service"), (539, "unknown_responsible"), (55, "ended_municipality"), (414, "not_an_email"),
        (1190, "same_code_other_name"), (1203, "same_code_other_name"), (1202, "same_row"), (378, "twin_code"),
        (1204, "twin_code"), (151, "tidied"), (305, "formula"), (868, "markup"), (98, "future_date"), (35, "no_code"),
    } <= told  # fmt: skip
    with as_owner():
        assert not Case.objects.exists()


def test_a_sound_row_becomes_a_person_and_a_case_with_its_history(cast: Cast, written: Written) -> None:
    assert bring(cast, written(MATTI)).counts["new"] == 1
    with acting(cast.paula):
        case = Case.objects.select_related("person").get()
        assert str(case.person) == "Matti Meikäläinen"
        assert (case.source, case.opened_on, case.assessment_started_on) == (
            Source.IMPORTED, dt.date(2025, 7, 16), dt.date(2025, 8, 4),
        )  # fmt: skip
        assert case.official_reference == "KA-1"
        assert case.responsible == cast.user("eero")
        assert case.last_contact_on == dt.date(2026, 11, 1)
        assert PlanVersion.objects.get().made_on == dt.date(2025, 11, 2)
        assert Review.objects.get().held_on == dt.date(2026, 1, 10)
        assert case.next_deadline_on == dt.date(2026, 4, 10)
        assert {note.visibility for note in Note.objects.filter(text="Soitettu")} == {"internal"}
        assert {point.value for point in ContactPoint.objects.all()} == {"040 1", "matti@x.example"}
        assert Tie.objects.get().external_id == "KA-1"


def test_the_same_file_again_changes_nothing(cast: Cast, written: Written) -> None:
    path = written(MATTI, MAIJA)
    bring(cast, path)
    with as_owner():
        before = [list(model.objects.values()) for model in (Case, Person, Note, PlanVersion, Participation)]
    again = bring(cast, path)
    assert (again.counts.get("unchanged"), again.counts.get("new"), again.counts.get("updated")) == (
        2,
        None,
        None,
    )
    with as_owner():
        assert [
            list(model.objects.values()) for model in (Case, Person, Note, PlanVersion, Participation)
        ] == before
    with acting(cast.paula):
        assert queries.same_file_before(again.file) is not None


def test_a_changed_file_updates_only_what_changed_and_says_how_many(cast: Cast, written: Written) -> None:
    bring(cast, written(MATTI, MAIJA))
    with acting(cast.paula):
        person = Person.objects.get(last_name="Meikäläinen")
        register.correct(cast.paula, person=person, version=person.version, first_names="Matti Juhani")
    changed = (
        MATTI.replace("040 1", "050 9")
        .replace("10.1.2026", "5.4.2026")
        .replace("Eero Virtanen", "Paula Laine")
    )
    report = bring(cast, written(changed, MAIJA))
    assert (report.counts["updated"], report.counts["unchanged"]) == (1, 1)
    with acting(cast.paula):
        told = {change["field"]: (change["old"], change["new"]) for change in row(report.file).changes}
        assert set(told) == {Field.PHONE, Field.LAST_REVIEW_ON, Field.RESPONSIBLE}
        assert told[Field.LAST_REVIEW_ON] == ("2026-01-10", "2026-04-05")
        person.refresh_from_db()
        assert person.first_names == "Matti Juhani"
        assert Case.objects.get(person=person).responsible == cast.user("paula")
        assert Review.objects.count() == 2


def test_what_the_file_and_silta_both_changed_stays_as_silta_has_it(cast: Cast, written: Written) -> None:
    bring(cast, written(MATTI))
    with acting(cast.paula):
        person = Person.objects.get()
        register.correct(cast.paula, person=person, version=person.version, last_name="Uusi")
    report = bring(cast, written(MATTI.replace("Meikäläinen", "Toinen")))
    assert [problem.code for problem in report.problems if problem.severity == "warning"] == [
        "changed_in_silta"
    ]
    with acting(cast.paula):
        assert Person.objects.get().last_name == "Uusi"


def test_a_closed_clienthood_comes_in_closed_and_can_close_later(cast: Cast, written: Written) -> None:
    path = written(MATTI)
    bring(cast, path)
    bring(cast, written(MATTI.replace(";;Soitettu", ";15.11.2026;Soitettu")))
    with acting(cast.paula):
        case = Case.objects.get()
        assert (case.state, case.ended_on, case.responsible_id) == (State.ENDED, dt.date(2026, 11, 15), None)
    assert bring(cast, written(MATTI.replace(";;Soitettu", ";15.11.2026;Soitettu"))).counts["unchanged"] == 1


def test_bad_rows_stay_out_and_sound_ones_go_in(cast: Cast, written: Written, tmp_path: Path) -> None:
    bad = MAIJA.replace("1.9.2025", "31.2.2025")
    out = tmp_path / "bad.csv"
    report = operations.import_path(cast.paula, written(MATTI, bad), dry_run=False, bad_rows=out)
    assert (report.counts["done"], report.bad_rows) == (1, 1)
    text = out.read_text(encoding="utf-8-sig")
    assert "31.2.2025" in text
    assert "Tällaista päivää ei ole." in text
    assert "040 2" not in text  # Maija is under non-disclosure.


def test_a_corrected_cell_makes_the_row_sound(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI.replace("16.7.2025", "31.2.2025")))
    with acting(cast.paula):
        bad = row(file)
        assert bad.state == RowState.BAD
        fixed = operations.correct_cell(
            cast.paula, row=bad, field=Field.OPENED_ON, text="1.3.2025", version=bad.version
        )
        assert (fixed.state, fixed.outcome) == (RowState.READY, Outcome.NEW)
        assert fixed.cells[9] == "31.2.2025"
        with pytest.raises(Conflict):
            operations.correct_cell(
                cast.paula, row=fixed, field=Field.OPENED_ON, text="x", version=bad.version
            )


def test_an_unsound_code_can_be_gone_on_with(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI.replace("141263-918K", "141263-918A")))
    with acting(cast.paula):
        bad = row(file)
        with pytest.raises(RuleBroken):
            operations.accept_problem(cast.paula, row=bad, code="missing")
        assert operations.accept_problem(cast.paula, row=bad, code="unsound_code").state == RowState.READY
        operations.begin(cast.paula, file=file)
        operations.run_import(cast.paula, file_id=file.pk)
        person = Person.objects.get()
        assert (person.identity_code, person.no_code_reason) == ("", "unsound")


def test_leaving_one_of_two_out_makes_the_other_sound(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI, MATTI.replace("KA-1", "KA-9").replace("Meikäläinen", "Uusinimi")))
    with acting(cast.paula):
        assert [one.state for one in file.rows.all()] == [RowState.BAD, RowState.BAD]
        left = operations.leave_out(cast.paula, row=row(file, 3))
        assert left.state == RowState.LEFT_OUT
        assert row(file).state == RowState.READY
        operations.bring_back(cast.paula, row=row(file, 3))
        assert row(file).state == RowState.BAD


def test_one_misspelt_name_is_corrected_on_every_row(cast: Cast, written: Written) -> None:
    wrong = MATTI.replace("Eero Virtanen", "Eero Virtannen")
    file = checked(cast, written(wrong, wrong.replace("KA-1", "KA-3").replace("141263-918K", "200680-935J")))
    with acting(cast.paula):
        number = operations.correct_all(
            cast.paula, file=file, field=Field.RESPONSIBLE, old="Eero Virtannen", new="Eero Virtanen"
        )
        assert number == 2
        assert not file.rows.filter(state=RowState.BAD).exists()


def test_codes_that_differ_in_the_mark_become_two_people(cast: Cast, written: Written) -> None:
    twins = [
        MATTI.replace("141263-918K", "221203A9144"),
        MATTI.replace("141263-918K", "221203B9144").replace("KA-1", "KA-3"),
    ]
    assert bring(cast, written(*twins)).counts["new"] == 2
    with acting(cast.paula):
        assert Person.objects.count() == 2


def test_a_code_registered_under_another_name_is_not_told_of(cast: Cast, written: Written) -> None:
    report = bring(cast, written(MATTI.replace("141263-918K", "010190-900P")))
    line = report.lines[0]
    assert line.code == "name_and_code_disagree"
    assert "Korhonen" not in line.wrong + line.do
    with as_owner():
        assert Event.objects.filter(action="intake.ask_register", person_id=str(key("aino person"))).exists()


def test_a_person_another_unit_registered_gets_a_case_and_no_second_row(cast: Cast, written: Written) -> None:
    own = MATTI.replace("141263-918K", "010190-900P").replace("Meikäläinen;Matti", "Korhonen;Aino")
    assert bring(cast, written(own)).counts["new"] == 1
    with acting(cast.paula):
        assert Case.objects.get().person_id == key("aino person")


def test_a_row_that_fails_stops_no_other(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = writing.bring_in

    def fails_for_matti(actor: Actor, found: Sequence[Examined]) -> None:
        if any(one.values[Field.FIRST_NAMES] == "Matti" for one in found):
            raise RuleBroken("ei käy", code="test.refused")
        real(actor, found)

    monkeypatch.setattr(writing, "bring_in", fails_for_matti)
    report = bring(cast, written(MATTI, MAIJA, *others(5)))
    assert (report.counts["done"], report.counts["bad"]) == (6, 1)
    assert any(line.code == "failed" and "ei käy" in line.wrong for line in report.lines)
    with acting(cast.paula):
        assert set(Person.objects.values_list("first_names", flat=True)) == {
            "Maija", *(f"Eka{letter}" for letter in "abcde"),
        }  # fmt: skip


def test_a_database_that_is_full_or_away_is_no_rows_fault(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = checked(cast, written(MATTI, MAIJA))
    with acting(cast.paula):
        operations.begin(cast.paula, file=file)
    real = writing.bring_in

    def is_full(_actor: Actor, _found: Sequence[Examined]) -> None:
        raise OperationalError("could not extend file: No space left on device")

    monkeypatch.setattr(writing, "bring_in", is_full)
    with pytest.raises(OperationalError):
        operations.run_import(cast.paula, file_id=file.pk)
    with acting(cast.paula):
        assert {one.state for one in file.rows.all()} == {RowState.READY}
    monkeypatch.setattr(writing, "bring_in", real)
    assert operations.run_import(cast.paula, file_id=file.pk).counts["done"] == 2


def test_what_the_database_refuses_later_than_it_was_sent_stops_no_other_row(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = writing.bring_in

    def writes_of_nobody(actor: Actor, found: Sequence[Examined]) -> None:
        real(actor, found)
        if any(one.values[Field.FIRST_NAMES] == "Matti" for one in found):
            point = ContactPoint.objects.all()[0]
            point.pk, point.person_id = key("no point"), key("nobody")
            batches.bulk_insert([point])

    monkeypatch.setattr(writing, "bring_in", writes_of_nobody)
    report = bring(cast, written(MATTI, MAIJA, *others(5)))
    assert (report.counts["done"], report.counts["bad"]) == (6, 1)
    assert [line.number for line in report.lines if line.code == "failed"] == [2]
    with as_owner():
        assert set(Person.objects.filter(ties__isnull=False).values_list("first_names", flat=True)) == {
            "Maija", *(f"Eka{letter}" for letter in "abcde"),
        }  # fmt: skip
        assert not Person.objects.filter(first_names="Matti").exists()


def test_a_row_that_was_read_ahead_and_taken_by_another_run_is_not_brought_in_twice(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, taken = writing.bring_in, []

    def while_another_takes_the_last(actor: Actor, found: Sequence[Examined]) -> None:
        if not taken:
            taken.append(Row.objects.filter(number=5).update(state=RowState.DONE))
        real(actor, found)

    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(writing, "bring_in", while_another_takes_the_last)
    report = bring(cast, written(MATTI, MAIJA, *others(2)))
    assert (taken, report.counts["done"]) == ([1], 4)
    with acting(cast.paula):
        assert set(Person.objects.values_list("first_names", flat=True)) == {"Matti", "Maija", "Ekaa"}


def test_a_killed_run_goes_on_where_it_was(
    cast: Cast, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = checked(cast, written(MATTI, MAIJA))
    with acting(cast.paula):
        operations.begin(cast.paula, file=file)
    real = writing.bring_in

    def dies_at_maija(actor: Actor, found: Sequence[Examined]) -> None:
        if any(one.values[Field.FIRST_NAMES] == "Maija" for one in found):
            raise KeyboardInterrupt
        real(actor, found)

    monkeypatch.setattr(running, "BATCH", 1)
    monkeypatch.setattr(writing, "bring_in", dies_at_maija)
    with pytest.raises(KeyboardInterrupt):
        operations.run_import(cast.paula, file_id=file.pk)
    monkeypatch.setattr(writing, "bring_in", real)
    with acting(cast.paula):
        assert [one.state for one in file.rows.all()] == [RowState.DONE, RowState.READY]
    done = operations.run_import(cast.paula, file_id=file.pk)
    assert (done.state, done.counts["done"]) == (FileState.DONE, 2)
    with acting(cast.paula):
        assert Case.objects.count() == 2


def test_protected_people_leave_no_trace_of_where_they_are(cast: Cast, written: Written) -> None:
    file = bring(cast, written(MAIJA)).file
    with acting(cast.paula):
        kept = row(file)
        assert kept.is_protected
        assert "040 2" not in str(kept.cells)
        assert not ContactPoint.objects.exists()
    with as_owner():
        assert ContactPoint.objects.get().value == "040 2"


def test_only_the_unit_that_brought_a_file_sees_it(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI))
    for name in ("eero", "vaino", "saara", "admin", "officer"):
        with acting(getattr(cast, name)):
            assert not File.objects.exists()
            assert not Row.objects.exists()
            assert not Tie.objects.exists()
            assert not Mapping.objects.exists()
    with acting(cast.eero), pytest.raises(NotFound):
        queries.get_for(cast.eero, file.pk)
    with acting(cast.vaino), pytest.raises(NotAllowed):
        operations.receive(cast.vaino, stream=io.BytesIO(b"a;b\n1;2\n"), name="x.csv")


def test_the_mapping_is_remembered_for_the_next_file(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "oma.csv"
    path.write_text("Nro,Suku,Etu,Laji,Alku\n1,Meikäläinen,Matti,TYP-asiakas,1.9.2025\n", encoding="utf-8")
    with acting(cast.paula):
        file = operations.receive(cast.paula, stream=io.BytesIO(path.read_bytes()), name="oma.csv")
        with pytest.raises(RuleBroken) as caught:
            operations.choose(cast.paula, file=file, columns={0: "external_id"}, source="Oma")
        assert caught.value.field == "columns"
        columns = dict(enumerate(["external_id", "last_name", "first_names", "service", "opened_on"]))
        operations.choose(
            cast.paula, file=file, columns=columns, services={"TYP-asiakas": "joint_support"}, source="Oma"
        )
        again = operations.receive(cast.paula, stream=io.BytesIO(path.read_bytes()), name="oma.csv")
        assert again.columns == {str(index): field for index, field in columns.items()}
        assert again.source == "Oma"
        assert operations.check_file(cast.paula, file=again).counts["new"] == 1


def test_a_running_file_is_begun_once(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI))
    with acting(cast.paula):
        first = operations.begin(cast.paula, file=file)
        assert operations.begin(cast.paula, file=file).started_at == first.started_at
        with pytest.raises(Conflict):
            operations.correct_cell(cast.paula, row=row(file), field=Field.PHONE, text="040 3")


def test_a_file_that_cannot_be_read_leaves_nothing(cast: Cast) -> None:
    with acting(cast.paula):
        for data in (b"", b"a;b\n", b"yksi\nkaksi\n", b"a;b\n" + b"1;2\n" * 50_001):
            with pytest.raises(RuleBroken):
                operations.receive(cast.paula, stream=io.BytesIO(data), name="x.csv")
        assert not File.objects.exists()
        assert not Row.objects.exists()


def test_rows_are_erased_in_time_and_the_counts_stay(cast: Cast, written: Written) -> None:
    file = bring(cast, written(MATTI)).file
    with as_owner():
        assert operations.erase_rows() == 0
        with time_machine.travel(DAY + dt.timedelta(days=91)):
            assert operations.erase_rows() == 1
            assert operations.erase_rows() == 0
        file.refresh_from_db()
        assert (file.rows.count(), file.counts["new"]) == (0, 1)


def test_the_names_of_workers_in_the_file_are_kept_in_the_note(cast: Cast, written: Written) -> None:
    bring(cast, written(MATTI.replace("Eero Virtanen", "Saara Niemi")))
    with acting(cast.paula):
        assert Note.objects.filter(text__contains="Saara Niemi").exists()
        assert Case.objects.get().responsible is None


def test_bad_rows_come_back_as_a_workbook_too(cast: Cast, written: Written) -> None:
    file = checked(cast, written(MATTI.replace("16.7.2025", "31.2.2025").replace("Soitettu", "=1+1")))
    with acting(cast.paula):
        assert handing_back.as_bytes(cast.paula, file, ".xlsx").startswith(b"PK")
        assert b"'=1+1" in handing_back.as_bytes(cast.paula, file, ".csv")
        again = operations.receive(
            cast.paula, stream=io.BytesIO(handing_back.as_bytes(cast.paula, file, ".xlsx")), name="back.xlsx"
        )
        assert len(again.columns) == len(file.columns)
