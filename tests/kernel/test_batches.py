"""Rows made and written by the hundred are what rows made one by one are, and leave the same history."""

import datetime as dt
import json
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from silta.access.models import Grant
from silta.cases.models import Case, Deadline, Note, Participation, PlanVersion, Review, StatusChange
from silta.intake.models import File, Tie
from silta.kernel import batches, clock
from silta.kernel.identifiers import new_id
from silta.people.models import ContactPoint, Municipality, Person, Residence
from tests.cast import Cast, as_owner, key

MADE_BY_THE_HUNDRED = (
    Case, Grant, Deadline, Note, Participation, Person, PlanVersion, Review, StatusChange, Tie, ContactPoint, Residence,
)  # fmt: skip
AINO = key("aino person")


@pytest.mark.parametrize("model", MADE_BY_THE_HUNDRED, ids=lambda model: model.__name__)
def test_a_row_made_quickly_is_what_the_constructor_makes(model: type[Model]) -> None:
    key = {"id": new_id()}
    quick, usual = batches.new(model, **key), model(**key)
    assert _values(quick) == _values(usual)
    assert quick.pk == usual.pk
    assert quick._state.adding
    assert quick._state.db is None


def test_every_row_made_quickly_has_a_key_and_values_of_its_own() -> None:
    one, other = batches.new(File), batches.new(File)
    assert one.pk != other.pk
    assert one.headings == []
    assert one.headings is not other.headings


def test_a_name_that_is_no_column_is_refused() -> None:
    with pytest.raises(TypeError, match="no columns"):
        batches.new(Note, case=None)


def _values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_one_statement_leaves_the_history_of_each_row_it_writes_or_changes(cast: Cast) -> None:
    history = apps.get_model("people", "PersonEvent")
    people = [
        batches.new(
            Person, first_names=name, last_name="Meri", search_name=f"{name.lower()} meri", no_code_reason="not_known",
            recorded_by=cast.eero.user_id, recorded_by_unit=cast.eero.unit_id, recorded_at=clock.now(),
        )
        for name in ("Aalto", "Laine", "Ranta")
    ]  # fmt: skip
    keys = [one.pk for one in people]
    with as_owner():
        batches.bulk_insert(people)
        for _time in range(2):
            Person.objects.filter(pk__in=keys[:2]).update(needs_interpreter=True)
        left = list(history.objects.filter(pgh_obj__in=keys).order_by("pgh_id"))
    assert [event.pgh_obj_id for event in left[:3]] == keys
    assert [(event.pgh_label, event.needs_interpreter) for event in left] == [
        *[("insert", False)] * 3, *[("update", True)] * 2,
    ]  # fmt: skip
    assert {event.pgh_obj_id for event in left[3:]} == set(keys[:2])


def test_what_all_rows_share_is_told_once_and_the_rest_row_by_row() -> None:
    given = {"of": "all"}
    told = {
        "id": ["a", "b", "c"], "unit": ["u", "u", "u"], "ends": ["x", "y", "x"], "none": [None] * 3, "doc": [given] * 3,
        "alike": [{"n": 1}, {"n": True}, {"n": 1}], "empty": [{}, {}, {}],
    }  # fmt: skip
    shared, own = map(json.loads, batches.documents(told))
    assert shared == {"unit": "u", "none": None, "doc": given, "empty": {}}
    assert [row["ends"] for row in own] == ["x", "y", "x"]
    assert [str(row["alike"]) for row in own] == ["{'n': 1}", "{'n': True}", "{'n': 1}"]


def test_what_is_empty_in_one_row_only_stays_empty_there(cast: Cast) -> None:
    people = [
        batches.new(
            Person, first_names="Aalto", last_name="Meri", search_name="aalto meri", no_code_reason="not_known",
            birth_date=born, recorded_by=cast.eero.user_id, recorded_by_unit=cast.eero.unit_id, recorded_at=clock.now(),
        )
        for born in (dt.date(1980, 1, 31), None, dt.date(1980, 1, 31))
    ]  # fmt: skip
    with as_owner():
        batches.bulk_insert(people)
        batches.bulk_insert([])
        left = Person.objects.in_bulk([one.pk for one in people])
        assert [left[one.pk].birth_date for one in people] == [one.birth_date for one in people]
        for one in people:
            one.birth_date = None
        batches.bulk_change(people[:1], ["birth_date"])
        batches.bulk_change(people[2:], ["birth_date"])
        left = Person.objects.in_bulk([one.pk for one in people])
    assert {one.birth_date for one in left.values()} == {None}


def _residence(cast: Cast, person_id: UUID) -> Residence:
    return batches.new(
        Residence, person_id=person_id, municipality_id=Municipality.objects.values_list("pk", flat=True)[0],
        recorded_by=cast.eero.user_id, recorded_by_unit=cast.eero.unit_id, recorded_at=clock.now(),
    )  # fmt: skip


def test_statements_that_flow_are_all_done_in_their_order(cast: Cast) -> None:
    with as_owner(), transaction.atomic():
        with batches.flowing():
            assert Person.objects.filter(pk=AINO).update(version=7) == 1
            asked = Person.objects.get(pk=AINO).version
            Person.objects.filter(pk=AINO).update(version=8)
        assert (asked, Person.objects.get(pk=AINO).version) == (7, 8)


def _change_and_refer_to_nobody(cast: Cast) -> None:
    with transaction.atomic(), batches.flowing():
        Person.objects.filter(pk=AINO).update(version=100)
        batches.bulk_insert([_residence(cast, new_id())])
        Person.objects.filter(pk=AINO).update(version=101)


def test_what_the_database_refuses_of_a_flow_is_the_error_it_always_is_and_undoes_everything(
    cast: Cast,
) -> None:
    with as_owner():
        before = Person.objects.get(pk=AINO).version
        # The key of nobody is found out by the flow itself, not at the COMMIT.
        with pytest.raises(IntegrityError, match="person_id"):
            _change_and_refer_to_nobody(cast)
        assert Person.objects.get(pk=AINO).version == before
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
