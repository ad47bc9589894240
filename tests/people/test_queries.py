"""Reading the register: the duplicate gate, the search, what non-disclosure hides."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from silta.access import operations as access
from silta.access.enums import Category
from silta.access.models import EmergencyAccess, Grant
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import RuleBroken
from silta.people import operations as people
from silta.people import queries, rules
from silta.people.models import ContactPoint, Municipality, Person, Residence
from tests.cast import Cast, as_owner, key
from tests.conftest import UNTIMED


def known_to(cast: Cast, person: Person, unit: str, *categories: Category) -> None:
    """A ground to know the person, given to the unit past row security."""
    with as_owner():
        access.give_grant(
            cast.eero, person=person, unit=cast.unit(unit), ground="own_register",
            categories=categories or [Category.IDENTITY], from_unit=cast.unit(unit),
        )  # fmt: skip


def person(cast: Cast, first: str, last: str, *, unit: str = "employment", **told: Any) -> Person:
    """Somebody in the register whom the unit may know."""
    with acting(cast.eero):
        row = people.register(
            cast.eero, **{"first_names": first, "last_name": last, "no_code_reason": "not_known", **told}
        )
    known_to(cast, row, unit)
    return row


def found(text: str) -> set[str]:
    """The full names that a search finds for whoever acts."""
    return {str(row) for row in queries.matching(Person.objects.all(), text)}


# The duplicate gate


def test_the_gate_knows_of_people_out_of_sight_but_gives_ids_only(cast: Cast) -> None:
    with acting(cast.vaino):
        assert queries.id_by_code("010190-900p") == key("aino person")
        assert queries.likely_same("AINO", "korhonen", dt.date(1990, 1, 1)) == [key("aino person")]
        assert not Person.objects.exists()


def test_the_gate_knows_nobody_by_a_code_that_is_nobodys(cast: Cast) -> None:
    with acting(cast.eero):
        assert queries.id_by_code("") is None
        assert queries.id_by_code("010190Y900P") is None
        assert queries.id_by_code("'; DROP TABLE people_person; --") is None


@pytest.mark.parametrize(
    ("first", "last", "born", "likely"),
    [
        ("Aino Maria", "Korhonen", dt.date(1990, 1, 1), True),
        ("Maria Aino", "KORHONEN", dt.date(1990, 1, 1), True),
        ("Aino Maria Helena", "Korhonen", dt.date(1990, 1, 1), True),
        ("Aino", "Virtanen", dt.date(1990, 1, 1), False),
        ("Aino Maria", "Korhonen", dt.date(1990, 1, 2), False),
        ("Aino Maria", "Korhonen", None, False),
        ("", "", dt.date(1990, 1, 1), False),
    ],
)
def test_who_is_likely_the_same(
    cast: Cast, first: str, last: str, born: dt.date | None, *, likely: bool
) -> None:
    with acting(cast.eero):
        assert (queries.likely_same(first, last, born) == [key("aino person")]) is likely


def test_without_birth_dates_the_whole_name_decides(cast: Cast) -> None:
    ali = person(cast, "Ali Omar", "Hassan", no_code_reason="foreigner")
    with acting(cast.eero):
        assert queries.likely_same("ali omar", "hassan", None) == [ali.pk]
        assert queries.likely_same("ali", "hassan", None) == []


def test_possible_duplicates_are_those_one_may_see_with_reasons(cast: Cast) -> None:
    known_to(cast, cast.person(), "employment")
    again = person(cast, "Aino", "Korhonen", birth_date=dt.date(1990, 1, 1))
    hidden = person(cast, "Aino Maria", "Korhonen", birth_date=dt.date(1990, 1, 1), unit="social")
    with acting(cast.eero):
        rows = queries.possible_duplicates(again)
    assert [row.person.pk for row in rows] == [key("aino person")]
    assert rows[0].comparison.likeness is rules.Likeness.LIKELY
    assert hidden.pk not in {row.person.pk for row in rows}


# Search


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("makela", {"Onni Mäkelä"}),
        ("MÄK", {"Onni Mäkelä"}),
        ("kel onn", {"Onni Mäkelä"}),
        ("mäkelä onni", {"Onni Mäkelä"}),
        ("o'brien", {"Jean-Pierre O’Brien"}),
        ("obrien", {"Jean-Pierre O’Brien"}),
        ("pierre", {"Jean-Pierre O’Brien"}),
        ("jean-pierre", {"Jean-Pierre O’Brien"}),
        ("nelli", {"Elli Öhman"}),
        ("hma", {"Elli Öhman"}),
        ("щер", {"Иван Щербаков"}),
        ("onni öhman", set()),
        ("1.2.1980", {"Onni Mäkelä"}),
        ("mäk 1980-02-01", {"Onni Mäkelä"}),
        ("öhman 1.2.1980", set()),
        ("010280-952l", {"Onni Mäkelä"}),
        ("elli 010280-952L", set()),
        ("010280", set()),
        ("", set()),
        ("%", set()),
        ("_", set()),
        ("   ", set()),
    ],
)
def test_people_are_found_by_parts_of_their_name_code_and_birth_date(
    cast: Cast, text: str, names: set[str]
) -> None:
    person(cast, "Onni", "Mäkelä", identity_code="010280-952L")
    person(cast, "Jean-Pierre", "O’Brien")
    person(cast, "Elli", "Öhman", call_name="Nelli")
    person(cast, "Иван", "Щербаков")
    with acting(cast.eero):
        assert found(text) == names


def test_nobody_finds_a_person_without_a_grant_for_her_identity(cast: Cast) -> None:
    known_to(cast, cast.person(), "social", Category.PLAN)
    with acting(cast.vaino):
        assert found("korhonen") == set()
        assert found("010190-900P") == set()
        assert found("1.1.1990") == set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT people_matching(%s)", [["korhonen"]])
            assert cursor.fetchall() == []
    with acting(cast.saara):
        assert found("korhonen") == set()
    with acting(None):
        assert found("korhonen") == set()


def test_a_grant_that_has_ended_finds_nobody(cast: Cast) -> None:
    aino = cast.person()
    known_to(cast, aino, "employment")
    with acting(cast.eero):
        assert found("aino kor") == {"Aino Maria Korhonen"}
    with as_owner():
        aino.grants.update(valid_until=clock.now())
    with acting(cast.eero):
        assert found("aino kor") == set()


def test_an_emergency_opened_to_one_finds_nobody_for_her_colleagues(cast: Cast) -> None:
    aino = cast.person()
    known_to(cast, aino, "employment")
    with as_owner():
        aino.grants.update(ground="emergency", recorded_by_id=key("eero"))
    for actor, ids in ((cast.eero, 1), (cast.paula, 0)):
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("SELECT people_matching(%s)", [["korhonen"]])
            assert len(cursor.fetchall()) == ids == len(found("korhonen"))


def test_the_client_finds_herself(cast: Cast) -> None:
    with acting(cast.aino):
        assert found("korh") == {"Aino Maria Korhonen"}


def test_search_follows_a_path_to_the_person(cast: Cast) -> None:
    row = person(cast, "Onni", "Mäkelä", identity_code="010280-952L")
    with acting(cast.eero):
        people.set_contact(cast.eero, person=row, kind="phone", value="040 582 5633")
        for text in ("mäk", "010280-952L", "1.2.1980"):
            assert queries.matching(ContactPoint.objects.all(), text, "person__").count() == 1
            assert queries.matching(Person.objects.all(), text).count() == 1
        assert queries.matching(ContactPoint.objects.all(), "öhman", "person__").count() == 0


def test_contact_points_and_municipality_are_not_searched(cast: Cast) -> None:
    row = person(cast, "Onni", "Mäkelä")
    with acting(cast.eero):
        people.set_contact(cast.eero, person=row, kind="phone", value="0405825633")
        people.set_contact(cast.eero, person=row, kind="email", value="salainen@posti.example")
        people.set_residence(cast.eero, person=row, municipality_code="765")
        assert [found(text) for text in ("0405825633", "salainen", "Sotkamo", "765")] == [set()] * 4


@given(text=st.text(max_size=40))
@settings(max_examples=30, suppress_health_check=[*UNTIMED, HealthCheck.function_scoped_fixture])
def test_any_text_can_be_searched(cast: Cast, text: str) -> None:
    with acting(cast.eero):
        assert found(text) == set()


def _crowd(cast: Cast) -> None:
    """Four thousand people whom Eero's unit may know, but for a hundred whom Saara's may."""
    now, provenance = clock.now(), {"recorded_at": clock.now()}
    rows = [
        Person(
            no_code_reason="not_known", first_names=f"Etu{n}", last_name=f"Suku{n}", search_name=f"etu{n} suku{n}",
            recorded_by=key("eero"), recorded_by_unit=key("unit employment"), **provenance,
        )
        for n in range(4000)
    ]  # fmt: skip
    grants = [
        Grant(
            person=row, unit_id=key("unit social" if n % 40 == 0 else "unit employment"), ground="own_register",
            categories=["identity"], valid_from=now, recorded_by_id=key("eero"),
            recorded_by_unit_id=key("unit employment"), **provenance,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip
    with as_owner(), connection.cursor() as cursor:
        Person.objects.bulk_create(rows, batch_size=2000)
        Grant.objects.bulk_create(grants, batch_size=2000)
        cursor.execute("ANALYZE people_person, access_grant")


def _scans(relation: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", [relation])
        scans: int = cursor.fetchone()[0]
    return scans


def test_a_search_never_reads_the_whole_register(cast: Cast) -> None:
    _crowd(cast)
    for actor, by_parts in ((cast.eero, 1), (cast.saara, 0)):
        with acting(actor), connection.cursor() as cursor:
            whole, parts = _scans("people_person"), _scans("people_person_name_parts")
            cursor.execute("SELECT people_matching(%s)", [["uku3711", "tu37"]])
            rows = cursor.fetchall()
            assert len(rows) <= 1
            assert _scans("people_person_name_parts") - parts == by_parts
            assert _scans("people_person") == whole
    with acting(cast.eero):
        assert queries.matching(Person.objects.all(), "suku37").count() > 90


def _calls(function: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_xact_user_functions WHERE funcname = %s", [function]
        )
        return int(cursor.fetchone()[0])


def test_a_search_asks_for_the_names_once_however_many_rows_it_is_joined_to(cast: Cast) -> None:
    for number in range(12):
        person(cast, f"Etu{number}", "Sukunen")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # Only the superuser has calls counted.
        cursor.execute("SET LOCAL track_functions = 'all'")
        # As where the planner expects a single row: every joined row looks through what was found.
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    with acting(cast.eero):
        before = _calls("people_matching")
        assert queries.matching(Person.objects.order_by(), "sukunen").count() == 12
        assert _calls("people_matching") == before + 1


# Non-disclosure


@pytest.fixture
def protected(cast: Cast) -> Person:
    """Aino under non-disclosure, with a telephone and a municipality, known to Eero's unit."""
    aino = cast.person()
    known_to(cast, aino, "employment")
    with acting(cast.eero):
        people.set_contact(cast.eero, person=aino, kind="phone", value="040 582 5633")
        people.set_residence(cast.eero, person=aino, municipality_code="205")
        people.set_non_disclosure(cast.eero, person=aino, non_disclosure=True, version=1)
    return aino


def _what_is_seen(person: Person) -> list[int]:
    history = [ContactPoint.pgh_event_model, Residence.pgh_event_model]
    return [
        len(queries.contact_points(person)),
        int(queries.current_municipality(person) is not None),
        ContactPoint.objects.count(),
        Residence.objects.count(),
        *(model.objects.count() for model in history),
    ]


def test_non_disclosure_hides_contacts_municipality_and_their_history(cast: Cast, protected: Person) -> None:
    with acting(cast.eero):
        assert Person.objects.get(pk=protected.pk).non_disclosure
        assert _what_is_seen(protected) == [0] * 6


def test_an_open_access_that_reveals_shows_them_to_its_user_until_it_ends(
    cast: Cast, protected: Person
) -> None:
    now = clock.now()
    with as_owner():
        opened = EmergencyAccess.objects.create(
            person=protected, unit=cast.unit("employment"), reveals_protected=True, reason="Uhka", starts_at=now,
            ends_at=now + dt.timedelta(hours=1), recorded_by_id=key("eero"), recorded_by_unit=cast.unit("employment"),
            recorded_at=now,
        )  # fmt: skip
    with acting(cast.eero):
        assert _what_is_seen(protected) == [1] * 6
    with acting(cast.paula):
        assert _what_is_seen(protected) == [0] * 6
    with clock.at(now + dt.timedelta(hours=2)), acting(cast.eero):
        assert _what_is_seen(protected) == [0] * 6
    with as_owner():
        opened.reveals_protected = False
        opened.save()
    with acting(cast.eero):
        assert _what_is_seen(protected) == [0] * 6


def test_the_person_herself_sees_her_own(cast: Cast, protected: Person) -> None:
    with acting(cast.aino):
        assert _what_is_seen(protected) == [1] * 6


def test_the_search_finds_the_protected_person_by_name_only(cast: Cast, protected: Person) -> None:
    with acting(cast.eero):
        assert found("korhonen") == {"Aino Maria Korhonen"}
        assert found("kajaani") == found("0405825633") == set()


def test_a_hidden_residence_is_not_overwritten_unseen(cast: Cast, protected: Person) -> None:
    with acting(cast.eero), pytest.raises(RuleBroken) as caught:
        people.set_residence(cast.eero, person=protected, municipality_code="765")
    assert caught.value.code == "people.protected"


def test_somebody_protected_from_the_start_can_be_given_a_residence_unseen(cast: Cast) -> None:
    row = person(cast, "Onni", "Mäkelä", non_disclosure=True)
    with acting(cast.eero):
        people.set_residence(cast.eero, person=row, municipality_code="765")
        people.set_contact(cast.eero, person=row, kind="phone", value="040 582 5633")
        assert _what_is_seen(row) == [0] * 6


def test_lifting_non_disclosure_shows_them_again(cast: Cast, protected: Person) -> None:
    with acting(cast.eero):
        people.set_non_disclosure(cast.eero, person=protected, non_disclosure=False)
        assert _what_is_seen(protected) == [1] * 6


# Municipalities


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kajaani", "205"), ("KAJANA", "205"), ("205", "205"), ("Ristijarvi", "697"), ("hyrynsalmi ", "105"),
        ("Vuolijoki", "940"), ("Åbo", "853"), ("Koski Tl", "284"), ("Atlantis", None), ("", None), ("%", None),
    ],
)  # fmt: skip
def test_a_municipality_is_found_by_its_name_in_either_language_or_its_code(
    cast: Cast, text: str, code: str | None
) -> None:
    row = queries.municipality_named(text)
    assert (row.code if row else None) == code


def test_an_ended_municipality_tells_what_it_became(cast: Cast) -> None:
    ended = queries.municipality_named("vuolijoki")
    assert ended is not None
    assert ended.valid_until == dt.date(2006, 12, 31)
    successor = queries.successor_of(ended)
    assert successor is not None
    assert successor.code == "205"
    assert queries.successor_of(successor) is None


def test_mergers_one_after_another_are_followed_to_the_end(cast: Cast) -> None:
    with acting(cast.admin), clock.at(dt.datetime(2027, 6, 1, tzinfo=dt.UTC)):
        people.end_municipality(cast.admin, code="205", last_day=dt.date(2026, 12, 31), successor_code="765")
        found_row = queries.successor_of(Municipality.objects.get(code="940"))
        assert found_row is not None
        assert found_row.code == "765"


def test_the_database_has_no_extension_and_the_search_needs_none(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        assert cursor.fetchall() == [("plpgsql",)]
