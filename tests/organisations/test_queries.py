"""Organisations and units are found by a part of any of their names, accents and case ignored."""

import datetime as dt
from typing import Any

import pytest

from silta.kernel import clock
from silta.kernel.acting import acting
from silta.organisations import operations, queries
from silta.organisations.models import Organisation
from tests.cast import Cast, key


def called(text: str, **limits: Any) -> set[str]:
    rows = queries.units_to_choose(clock.today(), **limits)
    return {unit.name_fi for unit in queries.units_called(rows, text)}


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tyokyvyn", {"Työkyvyn tuki"}),
        ("TYÖKYVYN kainuu", {"Työkyvyn tuki"}),
        ("fpa", {"Kuntoutusratkaisut"}),
        ("arbetsträning", {"Työhönvalmennus"}),
        ("makisen", {"Tuotanto"}),
        ("kela tyokyvyn", set()),
        ("100%", set()),
        ("_", set()),
    ],
)
def test_a_unit_is_found_by_its_names_and_its_organisations(text: str, found: set[str]) -> None:
    if text == "_":
        assert len(called(text)) == len(called("")), "nothing to look for"
    else:
        assert called(text) == found


@pytest.mark.usefixtures("cast")
def test_the_search_keeps_to_the_kinds_and_the_organisation_asked_for() -> None:
    authority = key("organisation authority")
    assert called("", within=authority) == {"Työkyvyn tuki", "Yrityspalvelut"}
    assert called("", within=authority, without=key("unit employment")) == {"Yrityspalvelut"}
    assert called("kainuu", kinds=["wellbeing_county"]) == {
        "Työikäisten sosiaalipalvelut", "Työttömien terveyspalvelut",
    }  # fmt: skip


def test_what_begins_so_comes_first_and_a_closed_unit_not_at_all(cast: Cast) -> None:
    with acting(cast.admin):
        authority = cast.unit("employment").organisation
        late = operations.found_unit(
            cast.admin,
            organisation=authority,
            sector="employment",
            name_fi="Arvio tuki",
            valid_from=dt.date(2021, 1, 1),
        )
        begins = operations.found_unit(
            cast.admin, organisation=authority, sector="employment", name_fi="Tuki ja ohjaus",
            valid_from=dt.date(2021, 1, 1),
        )  # fmt: skip
    rows = queries.units_to_choose(clock.today())
    assert next(unit.pk for unit in queries.units_called(rows, "tuki")) == begins.pk
    with acting(cast.admin):
        operations.close_unit(cast.admin, unit=late, on=dt.date(2022, 1, 1))
    assert late.pk not in {unit.pk for unit in queries.units_called(rows, "tuki")}


def test_a_new_name_is_what_it_is_found_by(cast: Cast) -> None:
    with acting(cast.admin):
        operations.rename(cast.admin, body=cast.unit("kela"), name_fi="Työkykyneuvonta")
        body = Organisation.objects.get(pk=key("organisation kela"))
        operations.rename(cast.admin, body=body, name_fi="Kansaneläkelaitos", name_sv="FPA")
    assert called("tyokykyneuvonta kansanelakelaitos") == {"Työkykyneuvonta"}
    assert called("kuntoutusratkaisut") == set()


def test_units_named_come_first_in_their_order_and_then_those_near(cast: Cast) -> None:
    rows = queries.units_to_choose(clock.today())
    named = [key("unit kela"), key("unit coaching")]
    found = queries.units_nearest(rows, named, cast.eero.organisation_id, 8)
    assert [unit.name_fi for unit in found] == [
        "Kuntoutusratkaisut", "Työhönvalmennus", "Työkyvyn tuki", "Yrityspalvelut",
    ]  # fmt: skip
    assert len(queries.units_nearest(rows, named, cast.eero.organisation_id, 3)) == 3


@pytest.mark.usefixtures("cast")
def test_an_organisation_is_found_by_name_and_business_id() -> None:
    found = queries.organisations_called(clock.today(), "kainuun")
    assert {row.name_fi for row in found} == {"Kainuun hyvinvointialue", "Kainuun työllisyysalue"}
    without = queries.organisations_called(clock.today(), "kainuun", without=key("organisation authority"))
    assert {row.name_fi for row in without} == {"Kainuun hyvinvointialue"}
    assert len(queries.organisations_called(clock.today(), "")) == 8
