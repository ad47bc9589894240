"""Organisations and units are founded, renamed, moved, closed and succeeded."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from silta.organisations import operations as organisations
from silta.organisations import queries
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Succession, Unit
from tests.cast import Cast, as_owner

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
REFORM = dt.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _the_keeper_acts(cast: Cast) -> Iterator[None]:
    with acting(cast.admin):
        yield


def organisation(cast: Cast, **told: Any) -> Organisation:
    """A new employment authority."""
    return organisations.found_organisation(
        cast.admin,
        **{"kind": Kind.EMPLOYMENT_AUTHORITY, "name_fi": "Uusi työllisyysalue", "valid_from": FIRST, **told},
    )


def unit(cast: Cast, body: Organisation, **told: Any) -> Unit:
    """A new unit of it."""
    return organisations.found_unit(
        cast.admin, organisation=body,
        **{"sector": Sector.EMPLOYMENT, "name_fi": "Uusi yksikkö", "valid_from": FIRST, **told},
    )  # fmt: skip


def fault_of(caught: pytest.ExceptionInfo[RuleBroken]) -> tuple[str, str | None]:
    """The code and the field of a refusal."""
    return caught.value.code.removeprefix("organisations."), caught.value.field


def test_an_organisation_is_founded_with_its_names_and_id(cast: Cast) -> None:
    row = organisation(cast, name_fi="  Uusi  alue ", name_sv="Nya området", business_id="201256-6")
    assert (row.name_fi, row.business_id) == ("Uusi alue", "0201256-6")
    with as_owner():
        assert Event.objects.get(action="organisations.found_organisation").subject_id == str(row.pk)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"kind": "guild"}, ("kind", "kind")),
        ({"name_fi": " "}, ("name", "name_fi")),
        ({"name_sv": "x" * 201}, ("name", "name_sv")),
        ({"name_en": "a\x00b"}, ("name", "name_en")),
        ({"business_id": "0201256-5"}, ("business_id", "business_id")),
        ({"valid_until": FIRST - dt.timedelta(days=1)}, ("period", "valid_until")),
    ],
)
def test_what_is_no_organisation(cast: Cast, told: dict[str, Any], fault: tuple[str, str]) -> None:
    with pytest.raises(RuleBroken) as caught:
        organisation(cast, **told)
    assert fault_of(caught) == fault


def test_a_business_id_belongs_to_one_organisation(cast: Cast) -> None:
    organisation(cast, business_id="0112038-9")
    with pytest.raises(RuleBroken) as caught:
        organisation(cast, business_id="01120389")
    assert fault_of(caught) == ("business_id_taken", "business_id")


def test_what_is_below_exists_only_while_what_is_above_does(cast: Cast) -> None:
    above = organisation(cast, valid_until=LAST)
    with pytest.raises(RuleBroken) as caught:
        organisation(cast, parent=above)
    assert fault_of(caught) == ("outside", "parent")
    with pytest.raises(RuleBroken) as caught:
        unit(cast, above)
    assert fault_of(caught) == ("outside", "valid_from")
    assert unit(cast, above, valid_until=LAST).organisation == above


def test_a_unit_has_a_known_sector_and_a_parent_of_its_own_organisation(cast: Cast) -> None:
    one, other = organisation(cast), organisation(cast)
    with pytest.raises(RuleBroken) as caught:
        unit(cast, one, sector="magic")
    assert fault_of(caught) == ("sector", "sector")
    with pytest.raises(RuleBroken) as caught:
        unit(cast, one, parent=unit(cast, other))
    assert fault_of(caught) == ("parent", "parent")


def test_nothing_is_put_under_itself(cast: Cast) -> None:
    body = organisation(cast)
    above = unit(cast, body)
    below = unit(cast, body, parent=above)
    with pytest.raises(RuleBroken) as caught:
        organisations.move_under(cast.admin, body=above, parent=below)
    assert fault_of(caught) == ("cycle", "parent")
    assert organisations.move_under(cast.admin, body=below, parent=None).parent is None
    assert organisations.move_under(cast.admin, body=above, parent=below).parent == below


def test_names_change_and_the_second_factor_is_required(cast: Cast) -> None:
    body = organisation(cast)
    renamed = organisations.rename(cast.admin, body=body, name_fi="Kainuun alue", name_sv="Kajanaland")
    required = organisations.require_second_factor(cast.admin, organisation=body, required=True)
    assert (renamed.name_fi, renamed.name_sv, required.requires_second_factor) == (
        "Kainuun alue",
        "Kajanaland",
        True,
    )
    with pytest.raises(NotFound):
        organisations.rename(cast.admin, body=Organisation(id=new_id()), name_fi="Ei ole")


def test_closing_goes_from_below(cast: Cast) -> None:
    body = organisation(cast)
    above = unit(cast, body)
    below = unit(cast, body, parent=above)
    with pytest.raises(RuleBroken) as caught:
        organisations.close_unit(cast.admin, unit=above, on=LAST)
    assert fault_of(caught) == ("goes_on", "on")
    organisations.close_unit(cast.admin, unit=below, on=LAST)
    organisations.close_unit(cast.admin, unit=above, on=LAST)
    with pytest.raises(RuleBroken):
        organisations.close_organisation(cast.admin, organisation=body, on=LAST - dt.timedelta(days=1))
    assert organisations.close_organisation(cast.admin, organisation=body, on=LAST).valid_until == LAST
    with pytest.raises(RuleBroken) as caught:
        organisations.close_unit(
            cast.admin, unit=unit(cast, organisation(cast)), on=FIRST - dt.timedelta(days=1)
        )
    assert fault_of(caught) == ("period", "on")


def test_units_and_organisations_are_listed_as_of_a_day(cast: Cast) -> None:
    body = organisation(cast)
    row = unit(cast, body, valid_until=LAST)
    assert row in queries.units_on(LAST)
    assert row not in queries.units_on(REFORM)
    assert row not in queries.units_on(FIRST - dt.timedelta(days=1))
    assert list(queries.units_of(body, FIRST)) == [row]
    assert row in queries.units_on(FIRST, [Kind.EMPLOYMENT_AUTHORITY])
    assert row not in queries.units_on(FIRST, [Kind.KELA])
    assert body in queries.organisations_on(REFORM, [Kind.EMPLOYMENT_AUTHORITY])
    assert {row.kind for row in queries.organisations_on(REFORM, [Kind.KELA])} == {Kind.KELA}
    assert body not in queries.organisations_on(FIRST - dt.timedelta(days=1))


def succeeded(cast: Cast, giver: Unit, receiver: Unit, on: dt.date = REFORM) -> Succession:
    """The work goes over in a reform."""
    return organisations.succeed(cast.admin, from_unit=giver, to_unit=receiver, on=on, reason="Uudistus 2026")


def test_in_a_reform_work_goes_over_and_the_former_unit_closes(cast: Cast) -> None:
    old, new = unit(cast, organisation(cast)), unit(cast, organisation(cast), valid_from=REFORM)
    row = succeeded(cast, old, new)
    old.refresh_from_db()
    assert old.valid_until == LAST
    assert queries.successor_of(old, LAST) == old
    assert queries.successor_of(old, REFORM) == new
    assert list(queries.history_of(new)) == [row]
    with as_owner():
        assert Event.objects.get(action="organisations.succeed").details["to_unit"] == str(new.pk)


def test_reforms_follow_each_other(cast: Cast) -> None:
    one, two, three = (unit(cast, organisation(cast)) for _ in range(3))
    succeeded(cast, one, two)
    succeeded(cast, two, three, on=dt.date(2027, 1, 1))
    assert queries.successor_of(one, REFORM) == two
    assert queries.successor_of(one, dt.date(2027, 1, 1)) == three


def test_split_work_waits_for_somebody_to_choose(cast: Cast) -> None:
    old, one, two = (unit(cast, organisation(cast)) for _ in range(3))
    succeeded(cast, old, one)
    succeeded(cast, old, two)
    assert queries.successor_of(old, REFORM) is None
    assert set(queries.successors_of(old, REFORM)) == {one, two}


def test_what_is_no_succession(cast: Cast) -> None:
    body = organisation(cast)
    one, two = unit(cast, body), unit(cast, body)
    later = unit(cast, body, valid_from=REFORM + dt.timedelta(days=1))
    succeeded(cast, one, two)
    attempts = [
        (one, two, "Uudistus", ("recorded", "to_unit")),
        (two, two, "Uudistus", ("same_unit", "to_unit")),
        (two, one, "Uudistus", ("receiver", "to_unit")),
        (two, later, "Uudistus", ("receiver", "to_unit")),
        (two, later, " ", ("reason", "reason")),
    ]
    for giver, receiver, reason, fault in attempts:
        with pytest.raises(RuleBroken) as caught:
            organisations.succeed(cast.admin, from_unit=giver, to_unit=receiver, on=REFORM, reason=reason)
        assert fault_of(caught) == fault


def test_work_does_not_come_back_to_where_it_came_from(cast: Cast) -> None:
    body = organisation(cast)
    one, two = unit(cast, body), unit(cast, body)
    succeeded(cast, one, two)
    Unit.objects.filter(pk=one.pk).update(valid_until=None)
    with pytest.raises(RuleBroken) as caught:
        succeeded(cast, two, one, on=dt.date(2027, 1, 1))
    assert fault_of(caught) == ("circle", "to_unit")


def test_a_unit_with_units_below_hands_over_after_them(cast: Cast) -> None:
    body = organisation(cast)
    above, receiver = unit(cast, body), unit(cast, body)
    unit(cast, body, parent=above)
    with pytest.raises(RuleBroken) as caught:
        succeeded(cast, above, receiver)
    assert fault_of(caught) == ("goes_on", "on")
    assert not Succession.objects.exists()


@pytest.mark.parametrize("name", ["eero", "paula", "officer", "hanna", "aino"])
def test_only_the_keeper_writes_what_is_public_knowledge(cast: Cast, name: str) -> None:
    """The database itself refuses the others, whatever the application forgot to ask."""
    body, actor = cast.unit("employment").organisation, getattr(cast, name)
    with acting(actor):
        assert Organisation.objects.filter(pk=body.pk).exists(), "everybody reads them"
        for row in (
            Organisation(kind=Kind.PROVIDER, name_fi="Omatekoinen", valid_from=FIRST),
            Unit(organisation=body, sector=Sector.EMPLOYMENT, name_fi="Omatekoinen", valid_from=FIRST),
            Succession(from_unit=cast.unit("employment"), to_unit=cast.unit("kela"), on=REFORM, reason="Oma"),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                row.save(force_insert=True)
        assert Organisation.objects.filter(pk=body.pk).update(requires_second_factor=True) == 0
        assert Unit.objects.filter(organisation=body).update(valid_until=LAST) == 0


def test_a_hand_over_is_never_rewritten(cast: Cast) -> None:
    with as_owner():
        step = Succession.objects.create(
            from_unit=cast.unit("employment"), to_unit=cast.unit("kela"), on=REFORM, reason="Uudistus"
        )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Succession.objects.filter(pk=step.pk).update(reason="Muu")
