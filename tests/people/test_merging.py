"""Two rows turn out to be one person, or not after all."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from silta.access import operations as access
from silta.access import queries as access_queries
from silta.access.enums import Category
from silta.access.models import Grant, Representation
from silta.audit import rules
from silta.audit.models import Event
from silta.audit.queries import Search
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.people import operations as people
from silta.people import queries
from silta.people.models import ContactPoint, Merge, Person, Residence
from tests.cast import Cast, as_owner, key

CODE, OTHER_CODE = "010280-952L", "070770-905D"
WHY = "Sama henkilö kahdesti rekisterissä"


def known_to(
    cast: Cast, person: Person, unit: str, categories: Iterable[Category] = tuple(Category)
) -> Grant:
    """A ground to know the person, given to the unit past row security."""
    with as_owner():
        return access.give_grant(
            cast.eero, person=person, unit=cast.unit(unit), ground="own_register", categories=list(categories),
            from_unit=cast.unit(unit),
        )  # fmt: skip


def person(cast: Cast, last: str = "Mäkelä", **told: Any) -> Person:
    """Somebody in the register whom Eero's unit may know, with a telephone and a municipality."""
    with acting(cast.eero):
        row = people.register(
            cast.eero, **{"first_names": "Onni", "last_name": last, "no_code_reason": "not_known", **told}
        )
    known_to(cast, row, "employment")
    with acting(cast.eero):
        people.set_contact(cast.eero, person=row, kind="phone", value="040 582 5633")
        people.set_residence(cast.eero, person=row, municipality_code="205")
    return row


def merged(cast: Cast, kept: Person, gone: Person) -> Merge:
    """The merge, made by the lead."""
    with acting(cast.paula):
        return people.merge(cast.paula, person=kept, duplicate=gone, reason=WHY)


def refused(cast: Cast, kept: Person, gone: Person, reason: str = WHY) -> str:
    """The code of the refusal; nothing is written."""
    with acting(cast.paula), pytest.raises(RuleBroken) as caught:
        people.merge(cast.paula, person=kept, duplicate=gone, reason=reason)
    with as_owner():
        assert not Event.objects.filter(action="people.merge").exists()
    return caught.value.code


def test_all_that_hangs_on_the_duplicate_becomes_the_persons(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    known_to(cast, gone, "social")
    row = merged(cast, kept, gone)
    with acting(cast.saara):
        assert set(Person.objects.all()) == {kept, gone}
        assert len(queries.contact_points(kept)) == 2
        assert queries.contact_points(gone) == []
        assert Person.objects.get(pk=gone.pk).merged_into == kept
        assert queries.identities_of(kept.pk) == [kept.pk, gone.pk]
    assert set(row.moved) == {
        "access_grant.person_id", "people_contactpoint.person_id", "people_residence.person_id", "closed",
    }  # fmt: skip


def test_rows_of_units_and_categories_the_lead_does_not_see_are_moved_too(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    hidden = known_to(cast, gone, "health", [Category.HEALTH])
    merged(cast, kept, gone)
    with as_owner():
        assert Grant.objects.get(pk=hidden.pk).person == kept
        assert not Grant.objects.filter(person=gone).exists()


def test_the_history_of_the_duplicate_stays_and_is_seen(cast: Cast) -> None:
    kept, gone = person(cast), person(cast, last="Makela")
    merged(cast, kept, gone)
    with acting(cast.eero):
        names = Person.pgh_event_model.objects.filter(pgh_obj_id=gone.pk).values_list("last_name", flat=True)
        assert set(names) == {"Makela"}
        points = ContactPoint.pgh_event_model.objects.values_list("person_id", flat=True)
        assert set(points) == {kept.pk, gone.pk}
    with acting(cast.vaino):
        assert not Person.pgh_event_model.objects.exists()


def test_a_person_lives_in_one_place_after_the_merge_and_the_other_is_history(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    with acting(cast.eero):
        people.set_residence(cast.eero, person=gone, municipality_code="765", since=dt.date(2026, 1, 1))
    row = merged(cast, kept, gone)
    with acting(cast.eero):
        assert Residence.objects.filter(person=kept, valid_until=None).count() == 1
        current = queries.current_municipality(kept)
        assert current is not None
        assert current.code == "205"
        people.undo_merge(cast.eero, merge=row, reason="Eri henkilöt")
        back = queries.current_municipality(gone)
        assert back is not None
        assert back.code == "765"


def test_what_the_person_lacked_is_taken_over_and_given_back(cast: Cast) -> None:
    kept, gone = person(cast), person(cast, identity_code=CODE, non_disclosure=True)
    row = merged(cast, kept, gone)
    assert row.took == ["identity_code", "birth_date"]
    with acting(cast.eero):
        now = Person.objects.get(pk=kept.pk)
        assert (now.identity_code, now.birth_date, now.non_disclosure) == (CODE, dt.date(1980, 2, 1), True)
        assert queries.id_by_code(CODE) == kept.pk
        people.undo_merge(cast.eero, merge=row, reason="Eri henkilöt")
        now = Person.objects.get(pk=kept.pk)
        assert (now.identity_code, now.birth_date, now.no_code_reason) == ("", None, "not_known")
        assert now.non_disclosure
        assert queries.id_by_code(CODE) == gone.pk


def test_two_codes_of_one_person_both_lead_to_her(cast: Cast) -> None:
    kept, gone = person(cast, identity_code=CODE), person(cast, identity_code=OTHER_CODE)
    merged(cast, kept, gone)
    with acting(cast.vaino):
        assert queries.id_by_code(CODE) == queries.id_by_code(OTHER_CODE) == kept.pk
        found = queries.ids_by_code([CODE, OTHER_CODE.lower(), "010190-999K", ""])
        assert found == {CODE: kept.pk, OTHER_CODE.lower(): kept.pk}
        with pytest.raises(RuleBroken) as caught:
            people.register(cast.vaino, first_names="Onni", last_name="Mäkelä", identity_code=OTHER_CODE)
    assert caught.value.code == "people.already_registered"
    with acting(cast.eero):
        assert Person.objects.get(pk=kept.pk).identity_code == CODE


def test_the_duplicate_is_found_no_more_and_cannot_be_corrected(cast: Cast) -> None:
    kept, gone = person(cast), person(cast, last="Makkela", birth_date=dt.date(1980, 2, 1))
    merged(cast, kept, gone)
    with acting(cast.eero):
        assert list(queries.matching(Person.objects.all(), "mäkelä")) == [kept]
        assert not queries.matching(Person.objects.all(), "makkela").exists()
        assert list(queries.matching(Person.objects.all(), "1.2.1980")) == [kept]
        assert queries.likely_same("Onni", "Makkela", dt.date(1980, 2, 1)) == []
        with pytest.raises(RuleBroken):
            people.correct(cast.eero, person=gone, version=2, last_name="Mäkelä")


def test_undoing_puts_back_what_was_moved_and_leaves_what_came_since(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    social = known_to(cast, gone, "social")
    row = merged(cast, kept, gone)
    since = known_to(cast, kept, "kela")
    with acting(cast.eero):
        people.set_contact(cast.eero, person=kept, kind="email", value="onni@posti.example")
        undone = people.undo_merge(cast.eero, merge=row, reason="Eri henkilöt")
        assert [point.kind for point in queries.contact_points(kept)] == ["email", "phone"]
        assert [point.kind for point in queries.contact_points(gone)] == ["phone"]
        assert Person.objects.get(pk=gone.pk).merged_into is None
    assert (undone.undone_by, undone.undo_reason) == (cast.eero.user_id, "Eri henkilöt")
    with as_owner():
        assert Grant.objects.get(pk=social.pk).person == gone
        assert Grant.objects.get(pk=since.pk).person == kept
    with acting(cast.saara):
        assert list(Person.objects.all()) == [gone]
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.undo_merge(cast.eero, merge=row, reason="Uudelleen")
    assert caught.value.code == "people.already_undone"


def test_a_merge_of_a_merge_can_be_undone_in_any_order(cast: Cast) -> None:
    one, two, three = person(cast), person(cast), person(cast)
    first = merged(cast, two, one)
    second = merged(cast, three, two)
    with acting(cast.eero):
        assert Person.objects.get(pk=one.pk).merged_into == three
        assert len(queries.contact_points(three)) == 3
        people.undo_merge(cast.eero, merge=first, reason="Eri henkilöt")
        assert [len(queries.contact_points(row)) for row in (one, two, three)] == [1, 0, 2]
        people.undo_merge(cast.eero, merge=second, reason="Eri henkilöt")
        assert [len(queries.contact_points(row)) for row in (one, two, three)] == [1, 1, 1]
        assert not Person.objects.filter(merged_into__isnull=False).exists()


def test_merging_and_undoing_are_journalled_with_counts_not_texts(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    row = merged(cast, kept, gone)
    with acting(cast.eero):
        people.undo_merge(cast.eero, merge=row, reason="Eri henkilöt")
    with as_owner():
        merge, undo = (Event.objects.get(action=f"people.{verb}") for verb in ("merge", "undo_merge"))
    assert merge.person_id == str(kept.pk)
    assert merge.details["moved"]["people_contactpoint.person_id"] == 1
    for event in (merge, undo):
        assert event.details["duplicate_id"] == str(gone.pk)
        assert WHY not in str(event.details)


def test_codes_that_differ_in_the_century_mark_are_never_merged(cast: Cast) -> None:
    kept, gone = person(cast, identity_code="010594Y9032"), person(cast, identity_code="010594-9032")
    assert refused(cast, kept, gone) == "people.two_people"


def test_what_cannot_be_merged(cast: Cast) -> None:
    kept, gone, third = person(cast), person(cast), person(cast)
    assert refused(cast, kept, kept) == "people.merge_same"
    assert refused(cast, kept, gone, reason=" ") == "people.reason_missing"
    merged(cast, kept, gone)
    with acting(cast.paula), pytest.raises(RuleBroken) as caught:
        people.merge(cast.paula, person=third, duplicate=gone, reason=WHY)
    assert caught.value.code == "people.already_merged"


def test_who_does_not_see_both_does_not_merge(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    known_to(cast, kept, "employment_other")
    with acting(cast.vaino), pytest.raises(NotFound):
        people.merge(cast.vaino, person=kept, duplicate=gone, reason=WHY)
    row = merged(cast, kept, gone)
    with acting(cast.liisa), pytest.raises(NotFound):
        people.undo_merge(cast.liisa, merge=row, reason="Eri henkilöt")


def test_two_of_what_one_person_can_have_once_block_the_merge(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    with as_owner():
        for row in (kept, gone):
            Representation.objects.create(user_id=key("aino"), person=row, valid_from=clock.today())
    assert refused(cast, kept, gone) == "people.merge_blocked"
    with acting(cast.eero):
        assert len(queries.contact_points(gone)) == 1
        assert not Merge.objects.exists()


def test_the_application_cannot_write_what_was_moved(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    row = merged(cast, kept, gone)
    moved = row.moved
    with acting(cast.paula):
        row.moved = {"access_grant.person_id": ["anything"]}
        row.save()
        row.refresh_from_db()
    assert row.moved == moved
    with acting(cast.paula):
        forged = Merge(
            person=kept, duplicate=gone, reason=WHY, moved={"closed": ["x"]}, recorded_by=cast.paula.user_id,
            recorded_by_unit=cast.paula.unit_id, recorded_at=clock.now(),
        )  # fmt: skip
        forged.save(force_insert=True)
        forged.refresh_from_db()
    assert forged.moved == {}


def test_the_functions_that_move_rows_refuse_a_unit_without_grounds(cast: Cast) -> None:
    kept, gone = person(cast), person(cast)
    row = merged(cast, kept, gone)
    with pytest.raises(DatabaseError), acting(cast.vaino), connection.cursor() as cursor:
        cursor.execute("SELECT people_unmerge_rows(%s)", [row.pk])
    with acting(cast.eero):
        assert Person.objects.get(pk=gone.pk).merged_into == kept


# The journal


def test_her_own_journal_tells_what_was_done_with_the_duplicate_as_long_as_it_is_she(cast: Cast) -> None:
    aino, gone = cast.person(), person(cast, last="Korhonen")
    known_to(cast, aino, "employment")

    def told_to(actor: Actor, ask: Callable[[], access_queries.ToldPage]) -> list[str]:
        with acting(actor):
            return [event.what for event in ask().events]

    def hers() -> list[str]:
        return told_to(cast.aino, lambda: access_queries.own_journal(cast.aino))

    registered = rules.told("people.register")
    assert registered not in hers()
    row = merged(cast, aino, gone)
    assert registered in hers()
    wanted = Search(person_ids=tuple(queries.identities_of(aino.pk)))
    assert registered in told_to(cast.officer, lambda: access_queries.searched_journal(cast.officer, wanted))
    with acting(cast.vaino):
        assert not Event.objects.exists(), "merging shows nothing to strangers"
    with acting(cast.paula):
        people.undo_merge(cast.paula, merge=row, reason="Kaksi ihmistä")
    assert registered not in hers()
