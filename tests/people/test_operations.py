"""The register's verbs, with the database and its locks."""

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from silta.access import operations as access
from silta.access.enums import Category
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.people import operations as people
from silta.people import queries
from silta.people.enums import ContactKind, NoCodeReason
from silta.people.models import ContactPoint, Municipality, Person, Residence
from tests.cast import Cast, as_owner

CODE = "010280-952L"
TOMORROW = dt.timedelta(days=1)


def known_to(cast: Cast, person: Person, unit: str = "employment") -> None:
    """A ground to know the person, given to the unit past row security."""
    with as_owner():
        access.give_grant(
            cast.eero, person=person, unit=cast.unit(unit), ground="own_register", categories=list(Category),
            from_unit=cast.unit(unit),
        )  # fmt: skip


def registered(cast: Cast, **told: Any) -> Person:
    """A person Eero registers and then has a ground to know."""
    with acting(cast.eero):
        person = people.register(
            cast.eero, **{"first_names": "Onni Olavi", "last_name": "Mäkelä", "identity_code": CODE, **told}
        )
    known_to(cast, person)
    return person


def broken(caught: pytest.ExceptionInfo[RuleBroken]) -> tuple[str, str | None]:
    """The code and the field of a refusal."""
    return caught.value.code, caught.value.field


def refused(cast: Cast, **told: Any) -> tuple[str, str | None]:
    """How registering is refused."""
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.register(
            cast.eero, **{"first_names": "Onni", "last_name": "Mäkelä", "identity_code": CODE, **told}
        )
    with as_owner():
        assert not Event.objects.filter(action="people.register").exists()
    return broken(caught)


# Registering


def test_a_person_is_registered_with_what_the_code_tells(cast: Cast) -> None:
    person = registered(cast, identity_code=" 010280-952l ", first_names="  Onni\tOlavi ")
    with acting(cast.eero):
        read = Person.objects.get(pk=person.pk)
    assert (read.identity_code, read.birth_date) == (CODE, dt.date(1980, 2, 1))
    assert (read.first_names, read.search_name) == ("Onni Olavi", "onni olavi makela")
    assert (read.recorded_by, read.recorded_by_unit) == (cast.eero.user_id, cast.eero.unit_id)


def test_registering_is_journalled_without_names_or_code(cast: Cast) -> None:
    person = registered(cast)
    with as_owner():
        event = Event.objects.get(action="people.register")
    assert event.person_id == str(person.pk)
    assert "kel" not in str(event.details)
    assert CODE not in str(event.details)


def test_a_code_is_registered_once_even_where_the_first_is_out_of_sight(cast: Cast) -> None:
    registered(cast)
    with acting(cast.vaino), pytest.raises(RuleBroken) as caught:
        people.register(cast.vaino, first_names="Onni", last_name="Mäkelä", identity_code=CODE)
    assert broken(caught) == ("people.already_registered", "identity_code")


def test_two_codes_that_differ_only_in_the_century_mark_are_two_people(cast: Cast) -> None:
    one = registered(cast, identity_code="010594Y9032")
    other = registered(cast, identity_code="010594-9032")
    assert one.pk != other.pk
    with acting(cast.eero):
        assert queries.id_by_code("010594Y9032") == one.pk
        assert queries.id_by_code("010594-9032") == other.pk


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("010190-999K", "people.code_check"),
        ("320190-9991", "people.code_date"),
        ("010190*9991", "people.code_separator"),
        ("010190-0011", "people.code_number"),
        ("12345", "people.code_shape"),
    ],
)
def test_a_code_that_does_not_hold_is_refused_with_the_reason(cast: Cast, code: str, fault: str) -> None:
    assert refused(cast, identity_code=code) == (fault, "identity_code")


def test_a_person_whose_code_does_not_hold_is_registered_with_that_reason_and_corrected_later(
    cast: Cast,
) -> None:
    person = registered(cast, identity_code="010190-999K", no_code_reason=NoCodeReason.UNSOUND)
    assert (person.identity_code, person.unsound_code) == ("", "010190-999K")
    with acting(cast.eero):
        assert queries.id_by_code("010190-999K") is None
        corrected = people.correct(cast.eero, person=person, version=1, identity_code=CODE)
    assert (corrected.identity_code, corrected.no_code_reason, corrected.unsound_code) == (CODE, "", "")
    assert corrected.birth_date == dt.date(1980, 2, 1)


def test_people_without_a_code_are_possible_with_the_reason_only(cast: Cast) -> None:
    assert refused(cast, identity_code="") == ("people.code_or_reason", "identity_code")
    born = dt.date(1995, 3, 4)
    person = registered(cast, identity_code="", no_code_reason=NoCodeReason.FOREIGNER, birth_date=born)
    assert (person.identity_code, person.birth_date) == ("", born)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"first_names": " \x00 "}, ("people.first_names_missing", "first_names")),
        ({"last_name": "--"}, ("people.last_name_no_letter", "last_name")),
        ({"last_name": "a" * 151}, ("people.last_name_long", "last_name")),
        ({"call_name": "a" * 81}, ("people.call_name_long", "call_name")),
        ({"service_language": "suomi"}, ("people.service_language_unknown", "service_language")),
        ({"birth_date": dt.date(1980, 2, 2)}, ("people.birth_date_differs", "birth_date")),
        ({"identity_code": "", "no_code_reason": "lost"}, ("people.no_code_reason", "no_code_reason")),
        (
            {"identity_code": "", "no_code_reason": "foreigner", "birth_date": dt.date(2999, 1, 1)},
            ("people.birth_date", "birth_date"),
        ),
        (
            {"identity_code": "", "no_code_reason": "foreigner", "birth_date": dt.date(1850, 1, 1)},
            ("people.birth_date", "birth_date"),
        ),
    ],
)
def test_what_cannot_be_registered_is_said_at_the_field(
    cast: Cast, told: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert refused(cast, **told) == fault


def test_names_keep_their_marks_and_lose_control_characters(cast: Cast) -> None:
    person = registered(cast, first_names="Zoë\x07 <b>", last_name="O’Brien-Ŋuorgam\u202e")
    assert (person.first_names, person.last_name) == ("Zoë <b>", "O’Brien-Ŋuorgam")
    assert person.search_name == "zoe b obrien nuorgam"


def test_a_client_registers_nobody(cast: Cast) -> None:
    with acting(cast.aino), pytest.raises(NotAllowed):
        people.register(cast.aino, first_names="Onni", last_name="Mäkelä", identity_code=CODE)


# Correcting


def test_a_correction_raises_the_version_and_keeps_what_was_before(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        corrected = people.correct(
            cast.eero, person=person, version=1, last_name="Åkerlund", call_name="Nonni"
        )
    assert (corrected.version, corrected.search_name) == (2, "onni olavi akerlund nonni")
    with acting(cast.eero):
        history = Person.pgh_event_model.objects.filter(pgh_obj_id=person.pk).order_by("pgh_id")
        assert [row.last_name for row in history] == ["Mäkelä", "Åkerlund"]
    with as_owner():
        assert Event.objects.get(action="people.correct").details == {"fields": ["call_name", "last_name"]}


def test_two_who_correct_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        people.correct(cast.eero, person=person, version=1, call_name="Onni")
    with acting(cast.paula), pytest.raises(Conflict):
        people.correct(cast.paula, person=person, version=1, call_name="Olavi")
    with acting(cast.eero):
        assert Person.objects.get(pk=person.pk).call_name == "Onni"


def test_a_correction_that_changes_nothing_writes_nothing(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        assert people.correct(cast.eero, person=person, version=1, last_name=" Mäkelä ").version == 1
    with as_owner():
        assert not Event.objects.filter(action="people.correct").exists()


def test_a_person_out_of_sight_cannot_be_corrected(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.vaino), pytest.raises(NotFound):
        people.correct(cast.vaino, person=person, version=1, last_name="Virtanen")


def test_a_code_of_another_person_cannot_be_taken_by_correction(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.correct(cast.eero, person=person, version=1, identity_code="010190-900P")
    assert broken(caught) == ("people.already_registered", "identity_code")


def test_a_code_can_be_taken_away_with_a_reason_and_the_birth_date_stays(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        with pytest.raises(RuleBroken):
            people.correct(cast.eero, person=person, version=1, identity_code="")
        row = people.correct(
            cast.eero, person=person, version=1, identity_code="", no_code_reason=NoCodeReason.NOT_KNOWN
        )
    assert (row.identity_code, row.no_code_reason, row.birth_date) == ("", "not_known", dt.date(1980, 2, 1))


def test_only_what_is_correctable_is_corrected(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero), pytest.raises(TypeError):
        people.correct(cast.eero, person=person, version=1, merged_into=None)


# Residence


def test_moving_ends_the_residence_before(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        people.set_residence(cast.eero, person=person, municipality_code="205")
        assert queries.current_municipality(person) == Municipality.objects.get(code="205")
        moved = people.set_residence(
            cast.eero, person=person, municipality_code="765", since=dt.date(2026, 1, 1)
        )
        assert moved.municipality.name_fi == "Sotkamo"
        rows = list(person.residences.order_by("valid_from").values_list("municipality__code", "valid_until"))
        current = queries.current_municipality(person)
    assert ("205", dt.date(2025, 12, 31)) in rows
    assert current is not None
    assert current.code == "765"


def test_the_same_municipality_again_changes_nothing(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        first = people.set_residence(cast.eero, person=person, municipality_code="205")
        assert people.set_residence(cast.eero, person=person, municipality_code="205") == first
        assert Residence.objects.count() == 1


def test_an_ended_municipality_is_refused_and_its_successor_named(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        with pytest.raises(RuleBroken) as caught:
            people.set_residence(cast.eero, person=person, municipality_code="940")
        assert broken(caught) == ("people.municipality_ended", "municipality_code")
        assert "Kajaani" in str(caught.value.message)
        assert "1.1.2007" in str(caught.value.message)
        then = people.set_residence(
            cast.eero, person=person, municipality_code="940", since=dt.date(2005, 5, 1)
        )
    assert then.municipality.name_fi == "Vuolijoki"


@pytest.mark.parametrize(
    ("code", "since", "fault"),
    [
        ("999", None, ("people.municipality_unknown", "municipality_code")),
        ("", None, ("people.municipality_unknown", "municipality_code")),
        ("205", dt.date(2999, 1, 1), ("people.since_later", "since")),
        ("765", dt.date(2019, 12, 31), ("people.since_earlier", "since")),
    ],
)
def test_what_is_no_residence(cast: Cast, code: str, since: dt.date | None, fault: tuple[str, str]) -> None:
    person = registered(cast)
    with acting(cast.eero):
        people.set_residence(cast.eero, person=person, municipality_code="620", since=dt.date(2020, 1, 1))
        with pytest.raises(RuleBroken) as caught:
            people.set_residence(cast.eero, person=person, municipality_code=code, since=since)
    assert broken(caught) == fault


# Contact points


def test_spouses_share_a_telephone(cast: Cast) -> None:
    one, other = registered(cast), registered(cast, identity_code="070770-905D", last_name="Mäkelä")
    with acting(cast.eero):
        for person in (one, other):
            people.set_contact(cast.eero, person=person, kind=ContactKind.PHONE, value="040 582 5633")
        assert [len(queries.contact_points(person)) for person in (one, other)] == [1, 1]
        assert queries.possible_duplicates(one) == []


def test_the_same_number_again_is_the_same_contact_point(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        first = people.set_contact(cast.eero, person=person, kind="phone", value="040 582 5633")
        again = people.set_contact(
            cast.eero, person=person, kind="phone", value="+358405825633", is_preferred=True
        )
        other = people.set_contact(
            cast.eero, person=person, kind="phone", value="0401112223", is_preferred=True
        )
        assert again == first
        assert [(row.pk, row.is_preferred) for row in queries.contact_points(person)] == [
            (other.pk, True),
            (first.pk, False),
        ]


def test_an_ended_contact_point_is_offered_no_more_but_stays(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        point = people.set_contact(cast.eero, person=person, kind="email", value="onni@posti.example")
        people.end_contact(cast.eero, contact=point)
        people.end_contact(cast.eero, contact=point)
        assert queries.contact_points(person) == []
        assert ContactPoint.objects.filter(person=person).count() == 1
    with as_owner():
        assert Event.objects.filter(action="people.end_contact").count() == 1
    with acting(cast.vaino), pytest.raises(NotFound):
        people.end_contact(cast.vaino, contact=point)


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("phone", "ei ole", ("people.phone", "value")),
        ("email", "onni(at)posti", ("people.email", "value")),
        ("post", " \x00", ("people.contact_missing", "value")),
        ("post", "a" * 251, ("people.contact_long", "value")),
        ("fax", "08 123 456", ("people.contact_kind", "kind")),
    ],
)
def test_what_is_no_contact_point(cast: Cast, kind: str, value: str, fault: tuple[str, str]) -> None:
    person = registered(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.set_contact(cast.eero, person=person, kind=kind, value=value)
    assert broken(caught) == fault


def test_contacts_and_residence_are_journalled_without_their_content(cast: Cast) -> None:
    person = registered(cast)
    with acting(cast.eero):
        people.set_contact(cast.eero, person=person, kind="phone", value="040 582 5633")
        people.set_residence(cast.eero, person=person, municipality_code="205")
    with as_owner():
        details = str(
            list(Event.objects.filter(action__startswith="people.set").values_list("details", flat=True))
        )
    assert "582" not in details
    assert "205" not in details
    assert "Kajaani" not in details


# The list of municipalities


def test_a_merger_of_municipalities_is_recorded(cast: Cast) -> None:
    last = dt.date(2026, 12, 31)
    with acting(cast.admin):
        ended = people.end_municipality(cast.admin, code="697", last_day=last, successor_code="205")
        people.add_municipality(
            cast.admin, code="697", name_fi="Uusi Ristijärvi", county_code="KA", valid_from=last + TOMORROW
        )
        found = queries.municipality_named("uusi ristijarvi", last + TOMORROW)
    assert (ended.valid_until, ended.successor_code) == (last, "205")
    assert queries.municipality_by_code("697", last) == ended
    assert queries.municipality_by_code("697", last + TOMORROW) == found
    assert found is not None
    assert found.name_sv == "Uusi Ristijärvi"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"code": "20"}, "code"),
        ({"code": "205"}, "code"),
        ({"name_fi": " "}, "name_fi"),
        ({"county_code": "XX"}, "county_code"),
    ],
)
def test_what_is_no_municipality(cast: Cast, told: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        people.add_municipality(
            cast.admin, **{"code": "998", "name_fi": "Uusi", "valid_from": dt.date(2026, 1, 1), **told}
        )
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("code", "successor", "field"), [("940", "205", "code"), ("697", "940", "successor_code")]
)
def test_a_municipality_ends_once_and_into_one_that_stands(
    cast: Cast, code: str, successor: str, field: str
) -> None:
    with pytest.raises(RuleBroken) as caught:
        people.end_municipality(
            cast.admin, code=code, last_day=dt.date(2026, 12, 31), successor_code=successor
        )
    assert caught.value.field == field


def test_only_the_keeper_writes_the_list_of_municipalities(cast: Cast) -> None:
    with acting(cast.eero):
        assert Municipality.objects.filter(code="205").update(name_fi="Oma") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Municipality.objects.create(
                code="998",
                name_fi="Oma",
                name_sv="Oma",
                folded_fi="oma",
                folded_sv="oma",
                valid_from=clock.today(),
            )
