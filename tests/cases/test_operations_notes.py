"""Notes, flags, drafts and what is known: who writes, who reads, and what health data need."""

import datetime as dt
from typing import Any

import pytest

from silta.access.enums import Category
from silta.cases.enums import Channel, ContactResult, Domain, EntrySource, NoteKind, Visibility
from silta.cases.models import AssessmentEntry, Draft, Flag, Note
from silta.cases.operations import assessment, drafts, flags, notes, path
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from tests.cases.situations import (
    WITHOUT_HEALTH,
    again,
    case_of_aino,
    ended,
    in_network,
    invited,
    with_assessment,
)
from tests.cast import Cast, as_owner


def test_a_contact_is_logged_in_one_breath(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind=NoteKind.CONTACT, channel=Channel.PHONE)
    assert (note.result, note.text) == (ContactResult.REACHED, "")
    assert again(cast, case).last_contact_on == clock.today()


def test_a_contact_nobody_answered_is_no_contact(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        notes.write_note(
            cast.eero, case=case, kind="contact", channel="phone", result=ContactResult.NOT_REACHED
        )
    assert again(cast, case).last_contact_on is None


def test_what_is_internal_stays_in_the_unit(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        notes.write_note(
            cast.eero, case=case, kind="observation", text="Vain meille", visibility=Visibility.INTERNAL
        )
        notes.write_note(cast.eero, case=case, kind="observation", text="Kaikille")
    for name in ("kaisa", "saara", "aino"):
        with acting(getattr(cast, name)):
            assert [note.text for note in Note.objects.all()] == ["Kaikille"]
    with acting(cast.paula):
        assert Note.objects.count() == 2
    with acting(cast.vaino):
        assert not Note.objects.exists()


def test_an_internal_contact_counts_for_all(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.saara):
        notes.write_note(
            cast.saara,
            case=case,
            kind="contact",
            channel="visit",
            visibility=Visibility.INTERNAL,
            text="Kotikäynti",
        )
    with acting(cast.eero):
        assert not Note.objects.exists()
    assert again(cast, case).last_contact_on == clock.today()


def test_what_is_restricted_to_health_is_read_only_by_those_who_may(cast: Cast) -> None:
    case = in_network(cast)
    invited(cast, case, "liisa", "coaching", categories=["plan", "skills"])
    with acting(cast.saara):
        notes.write_note(
            cast.saara, case=case, kind="observation", text="Leikkausjonossa", visibility=Visibility.RESTRICTED,
            category=Category.HEALTH,
        )  # fmt: skip
    with acting(cast.kaisa):
        assert Note.objects.count() == 1
    for name in ("liisa", "aino", "vaino"):
        with acting(getattr(cast, name)):
            assert not Note.objects.exists()
    with acting(cast.liisa), pytest.raises(RuleBroken) as refused:
        notes.write_note(
            cast.liisa, case=case, kind="observation", text="Selkäkipu", visibility=Visibility.RESTRICTED,
            category=Category.HEALTH,
        )  # fmt: skip
    assert refused.value.code == "cases.category_not_covered"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "observation", "text": " "}, "text"),
        ({"kind": "contact"}, "channel"),
        ({"kind": "observation", "text": "x", "visibility": "restricted"}, "category"),
        (
            {"kind": "observation", "text": "x", "happened_at": clock.now() + dt.timedelta(days=900)},
            "happened_at",
        ),
    ],
)
def test_a_note_says_what_it_must(cast: Cast, fields: dict[str, Any], field: str) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        notes.write_note(cast.eero, case=case, **fields)
    assert refused.value.field == field


def test_a_withdrawn_note_stays_without_counting_and_the_client_does_not_see_it(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind="contact", channel="phone", text="Väärä henkilö")
    with acting(cast.saara), pytest.raises(NotAllowed):
        notes.withdraw_note(cast.saara, note=note, reason="En pidä tästä")
    with acting(cast.eero):
        notes.withdraw_note(cast.eero, note=note, reason="Kirjattu väärälle asiakkaalle")
        assert Note.objects.get().withdrawn_reason == "Kirjattu väärälle asiakkaalle"
        with pytest.raises(RuleBroken):
            notes.withdraw_note(cast.eero, note=note, reason="Taas")
    with acting(cast.aino):
        assert not Note.objects.exists()
    assert again(cast, case).last_contact_on is None


def test_two_windows_of_one_note(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind="observation", text="Ensin")
        notes.correct_note(cast.eero, note=note, version=1, text="Sitten")
    with acting(cast.paula), pytest.raises(Conflict):
        notes.correct_note(cast.paula, note=note, version=1, text="Toinen ikkuna")


def test_a_withdrawn_note_is_brought_back_by_the_unit_that_wrote_it(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind="contact", channel="phone", text="Sovittiin")
        with pytest.raises(RuleBroken) as standing:
            notes.restore_note(cast.eero, note=note)
        assert standing.value.code == "cases.not_withdrawn"
        notes.withdraw_note(cast.eero, note=note, reason="Väärä asiakas")
    with acting(cast.saara), pytest.raises(NotAllowed):
        notes.restore_note(cast.saara, note=note)
    assert again(cast, case).last_contact_on is None
    with acting(cast.paula):
        restored = notes.restore_note(cast.paula, note=Note.objects.get(pk=note.pk))
    assert (restored.withdrawn_at, restored.withdrawn_reason) == (None, "")
    assert again(cast, case).last_contact_on == clock.today()
    with acting(cast.aino):
        assert Note.objects.get().text == "Sovittiin"
    with acting(cast.eero), pytest.raises(Conflict):
        notes.restore_note(cast.eero, note=note, version=note.version)
    with as_owner():
        kept = list(
            Note.pgh_event_model.objects.order_by("pgh_id").values_list("withdrawn_reason", flat=True)
        )
    assert kept == ["", "Väärä asiakas", ""]


def test_after_the_aftercare_a_note_stays_as_it_is(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        note = notes.write_note(cast.eero, case=case, kind="contact", channel="phone")
        notes.withdraw_note(cast.eero, note=note, reason="Väärä asiakas")
    ended(cast, case)
    with (
        clock.at(clock.now() + dt.timedelta(days=100)),
        acting(cast.eero),
        pytest.raises(RuleBroken) as refused,
    ):
        notes.restore_note(cast.eero, note=note)
    assert refused.value.code == "cases.ended"


def test_a_double_press_logs_one_contact(cast: Cast) -> None:
    case, key = case_of_aino(cast), new_id()
    with acting(cast.eero):
        for _ in range(2):
            notes.write_note(cast.eero, case=case, kind="contact", channel="phone", key=key)
        assert Note.objects.count() == 1


def test_a_flag_stands_until_it_is_resolved_once(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        flag = flags.raise_flag(cast.eero, case=case, text="Tulkki tarvitaan")
    with acting(cast.saara):
        flags.resolve_flag(cast.saara, flag=Flag.objects.get(), resolution="Tulkki tilattu")
    with acting(cast.eero), pytest.raises(Conflict):
        flags.resolve_flag(cast.eero, flag=flag, resolution="Minäkin")
    with acting(cast.aino):
        assert not Flag.objects.exists()


def test_a_draft_is_its_writers_own(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        drafts.keep_draft(cast.eero, case=case, form="note", fields={"text": "Kesken"})
        drafts.keep_draft(cast.eero, case=case, form="note", fields={"text": "Vielä kesken"})
        assert Draft.objects.get().fields == {"text": "Vielä kesken"}
    with acting(cast.paula):
        assert not Draft.objects.exists()
    with acting(cast.vaino), pytest.raises(NotAllowed):
        drafts.keep_draft(cast.vaino, case=case, form="note", fields={})
    with acting(cast.eero):
        drafts.discard_draft(cast.eero, case=case, form="note")
        assert not Draft.objects.exists()


def test_nothing_is_stored_before_the_clienthood_begins_with_the_assessment(cast: Cast) -> None:
    """381/2023 4.1 § and 12 §: the clienthood begins when the assessment is started, and data are stored after it."""
    case = case_of_aino(cast, opened_on=clock.today() - dt.timedelta(days=40))
    entry = {"domain": Domain.SKILLS, "text": "Puuseppä", "source": EntrySource.CLIENT}
    with acting(cast.eero):
        with pytest.raises(RuleBroken) as refused:
            assessment.add_entry(cast.eero, case=case, **entry)
        assert refused.value.code == "cases.not_begun"
        assert "REQ-" not in str(refused.value.message)
        assert "381/2023 4.1 §" in str(refused.value.message)
        assert not AssessmentEntry.objects.exists()
        assert case.assessment_started_on is None, (
            "a first entry does not start the times of the act by itself"
        )
        path.start_assessment(cast.eero, case=case)
        before = clock.today() - dt.timedelta(days=400)
        assert assessment.add_entry(cast.eero, case=case, as_of=before, **entry).as_of == before


def test_where_no_law_joins_the_clienthood_to_the_assessment_entries_are_free(cast: Cast) -> None:
    case = case_of_aino(cast, kind="coaching", by="liisa")
    with acting(cast.liisa):
        assessment.add_entry(
            cast.liisa, case=case, domain=Domain.STRENGTHS, text="Ahkera", source=EntrySource.CLIENT
        )
        assert AssessmentEntry.objects.count() == 1


def test_a_diagnosis_is_never_enough(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        path.start_assessment(cast.eero, case=case)
    entry: dict[str, Any] = {
        "case": case,
        "domain": Domain.HEALTH,
        "text": "Selkäsairaus",
        "source": EntrySource.STATEMENT,
    }
    with acting(cast.eero):
        for missing, given in (
            ("necessity", {"source_detail": "Lausunto"}), ("source_detail", {"necessity": "Nostorajoitus"}),
        ):  # fmt: skip
            with pytest.raises(RuleBroken) as refused:
                assessment.add_entry(cast.eero, **entry, **given)
            assert refused.value.field == missing
        with pytest.raises(RuleBroken) as source:
            assessment.add_entry(cast.eero, case=case, domain=Domain.SKILLS, text="Osaa", source="")
        assert source.value.field == "source"
        assert not AssessmentEntry.objects.exists()


def test_a_unit_without_health_cannot_write_it(cast: Cast) -> None:
    case = case_of_aino(cast)
    invited(cast, case, "saara", "social", categories=WITHOUT_HEALTH)
    with acting(cast.saara), pytest.raises(RuleBroken) as refused:
        assessment.add_entry(
            cast.saara, case=case, domain=Domain.WORK_ABILITY, text="x", source=EntrySource.PROFESSIONAL,
            source_detail="Saara", necessity="x",
        )  # fmt: skip
    assert refused.value.code == "cases.category_not_covered"


def test_a_correction_takes_the_place_and_the_old_words_stay(cast: Cast) -> None:
    with_assessment(cast)
    with acting(cast.eero):
        old = AssessmentEntry.objects.get(domain=Domain.SKILLS)
        new = assessment.correct_entry(cast.eero, entry=old, text="Puuseppä, kahdeksan vuotta")
        assert (new.replaces_id, new.source) == (old.pk, old.source)
        assert AssessmentEntry.objects.get(pk=old.pk).is_current is False
        with pytest.raises(Conflict):
            assessment.correct_entry(cast.eero, entry=old, text="Toinen ikkuna")
        assert AssessmentEntry.objects.filter(domain=Domain.SKILLS, is_current=True).get() == new


def test_a_second_objection_stands_beside_the_first(cast: Cast) -> None:
    with_assessment(cast)
    with acting(cast.eero):
        entry = AssessmentEntry.objects.get(domain=Domain.SOCIAL)
    with acting(cast.aino):
        assessment.dispute(cast.aino, entry=entry, note="En asu yksin")
    with acting(cast.saara):
        assessment.dispute(cast.saara, entry=entry, note="Sisko: velat on maksettu")
        with pytest.raises(RuleBroken) as full:
            assessment.dispute(cast.saara, entry=entry, note="Pitkästi. " * 60)
        assert (
            AssessmentEntry.objects.get(pk=entry.pk).disputed_note == "En asu yksin\nSisko: velat on maksettu"
        )
    assert full.value.field == "note"


def test_each_entry_says_from_whom_by_whom_for_which_unit_and_of_which_day(cast: Cast) -> None:
    with_assessment(cast)
    with acting(cast.eero):
        entry = AssessmentEntry.objects.get(domain=Domain.HEALTH)
        assert (entry.source, entry.source_detail) == (EntrySource.STATEMENT, "Työterveyslääkärin lausunto")
        assert (entry.recorded_by_id, entry.recorded_by_unit_id) == (cast.eero.user_id, cast.eero.unit_id)
        assert (entry.as_of, entry.recorded_at.date()) == (clock.today(), clock.now().date())
        with pytest.raises(RuleBroken) as ahead:
            assessment.add_entry(
                cast.eero, case=entry.case, domain=Domain.SKILLS, text="Osaa", source=EntrySource.CLIENT,
                as_of=clock.today() + dt.timedelta(days=1),
            )  # fmt: skip
    assert ahead.value.field == "as_of"
    assert next(iter(Domain)) == Domain.STRENGTHS, "strengths first, wherever the domains are listed"


def test_aino_sees_it_otherwise(cast: Cast) -> None:
    with_assessment(cast)
    with acting(cast.aino):
        entry = AssessmentEntry.objects.get(domain=Domain.SOCIAL)
        assessment.dispute(cast.aino, entry=entry, note="En asu yksin")
    with acting(cast.kaisa):
        assert AssessmentEntry.objects.get(pk=entry.pk).disputed_note == "En asu yksin"
    with acting(cast.vaino), pytest.raises((NotAllowed, NotFound)):
        assessment.dispute(cast.vaino, entry=entry, note="Minäpä tiedän")
