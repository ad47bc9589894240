"""The register's verbs, with the database and its locks."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.cast import Cast, as_owner

from silta.access import operations as access
from silta.access.enums import Category
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.people import operations as people
from silta.people import queries
from silta.people.enums import NoCodeReason
from silta.people.models import Person

CODE = "010280-952L"


def known_to(cast: Cast, person: Person, unit: str = "employment") -> None:
    """A ground to know the person, given to the unit past row security."""
    with as_owner():
        access.give_grant(
            cast.eero, person=person, unit=cast.unit(unit), ground="own_register",
            categories=list(Category), from_unit=cast.unit(unit),
        )  # fmt: skip


@contextmanager
def eero_at_work(cast: Cast) -> Iterator[Actor]:
    with acting(cast.eero):
        yield cast.eero


def registered(cast: Cast, **told: object) -> Person:
    """A person Eero registers and then has a ground to know."""
    with acting(cast.eero):
        person = people.register(
            cast.eero, **{"first_names": "Onni Olavi", "last_name": "Mäkelä", "identity_code": CODE, **told}
        )
    known_to(cast, person)
    return person


def broken(excinfo: pytest.ExceptionInfo[RuleBroken]) -> tuple[str, str | None]:
    return excinfo.value.code, excinfo.value.field


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
    assert "Mäkelä" not in str(event.details)
    assert CODE not in str(event.details)


def test_a_code_is_registered_once_even_where_the_first_is_out_of_sight(cast: Cast) -> None:
    registered(cast)
    with acting(cast.vaino), pytest.raises(RuleBroken) as caught:
        people.register(cast.vaino, first_names="Onni", last_name="Mäkelä", identity_code=CODE)
    assert broken(caught) == ("people.already_registered", "identity_code")


def test_two_codes_that_differ_in_the_century_mark_are_two_people(cast: Cast) -> None:
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
        ("12345", "people.code_shape"),
        ("010170A9618", "people.code_check"),
    ],
)
def test_a_code_that_does_not_hold_is_refused_with_the_reason(cast: Cast, code: str, fault: str) -> None:
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.register(cast.eero, first_names="Onni", last_name="Mäkelä", identity_code=code)
    assert broken(caught) == (fault, "identity_code")
    assert not Event.objects.filter(action="people.register").exists()


def test_a_person_whose_code_does_not_hold_is_registered_with_that_reason(cast: Cast) -> None:
    person = registered(cast, identity_code="010190-999K", no_code_reason=NoCodeReason.UNSOUND)
    assert person.identity_code == ""
    assert person.unsound_code == "010190-999K"
    with acting(cast.eero):
        corrected = people.correct(cast.eero, person=person, version=1, identity_code="010190-900P".replace("900P", "913A") if False else CODE)
    assert (corrected.identity_code, corrected.no_code_reason, corrected.unsound_code) == (CODE, "", "")
