"""Pure decisions about organisations."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silta.organisations import rules
from silta.organisations.rules import HandOver

DAY = dt.date(2025, 1, 1)
UNITS = [uuid.UUID(int=number) for number in range(6)]
A, B, C, D = UNITS[:4]
YEAR = dt.timedelta(days=365)


@pytest.mark.parametrize(
    ("first", "last", "outer_first", "outer_last", "within"),
    [
        (2020, 2022, 2020, 2022, True),
        (2020, None, 2020, None, True),
        (2021, 2021, 2020, 2022, True),
        (2021, 2022, 2020, None, True),
        (2019, 2022, 2020, 2022, False),
        (2020, 2023, 2020, 2022, False),
        (2020, None, 2020, 2022, False),
    ],
)
def test_a_period_within_another(
    first: int, last: int | None, outer_first: int, outer_last: int | None, *, within: bool
) -> None:
    days = [None if year is None else dt.date(year, 1, 1) for year in (first, last, outer_first, outer_last)]
    assert rules.is_within(*days) is within


def test_nothing_comes_under_itself() -> None:
    parents = {A: None, B: A, C: B}
    assert rules.is_cycle(parents, A, C)
    assert rules.is_cycle(parents, A, A)
    assert not rules.is_cycle(parents, C, A)
    assert not rules.is_cycle(parents, A, None)
    assert not rules.is_cycle(parents, D, C)


@given(
    st.dictionaries(st.sampled_from(UNITS), st.sampled_from(UNITS)),
    st.sampled_from(UNITS),
    st.sampled_from(UNITS),
)
def test_looking_for_a_cycle_always_ends(
    parents: dict[uuid.UUID, uuid.UUID], child: uuid.UUID, up: uuid.UUID
) -> None:
    assert rules.is_cycle(dict(parents), child, up) in {True, False}


def test_work_goes_over_on_its_day_and_not_before() -> None:
    step = [HandOver(A, B, DAY)]
    assert rules.heirs(step, A, DAY - dt.timedelta(days=1)) == [A]
    assert rules.heirs(step, A, DAY) == [B]
    assert rules.heirs(step, B, DAY) == [B]


def test_a_chain_of_reforms_is_followed_as_of_the_day() -> None:
    steps = [HandOver(B, C, DAY + YEAR), HandOver(A, B, DAY)]
    assert rules.heirs(steps, A, DAY) == [B]
    assert rules.heirs(steps, A, DAY + YEAR) == [C]


def test_split_work_has_all_its_heirs_once() -> None:
    steps = [HandOver(A, B, DAY), HandOver(A, C, DAY), HandOver(B, D, DAY + YEAR), HandOver(C, D, DAY + YEAR)]
    assert rules.heirs(steps, A, DAY) == [B, C]
    assert rules.heirs(steps, A, DAY + YEAR) == [D]


def test_whether_work_leads_to_a_unit() -> None:
    steps = [HandOver(A, B, DAY), HandOver(B, C, DAY)]
    assert rules.leads_to(steps, A, C)
    assert rules.leads_to(steps, C, C)
    assert not rules.leads_to(steps, C, A)


@given(
    st.lists(st.builds(HandOver, st.sampled_from(UNITS), st.sampled_from(UNITS), st.just(DAY)), max_size=20)
)
def test_following_hand_overs_always_ends(steps: list[HandOver]) -> None:
    found = rules.heirs(steps, A, DAY)
    assert len(found) == len(set(found))
    assert all(rules.leads_to(steps, A, heir) for heir in found)
