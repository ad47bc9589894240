"""Periods of days."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silta.kernel.periods import Period

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2020, 3, 31))
FIRST, MIDDLE, LAST = dt.date(2026, 1, 1), dt.date(2026, 6, 15), dt.date(2026, 12, 31)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Any period, some of them open."""
    first, other = draw(DAYS), draw(st.none() | DAYS)
    return Period(first, None if other is None else max(first, other))


def test_both_ends_belong_to_a_period() -> None:
    year = Period(FIRST, LAST)
    assert year.holds(FIRST)
    assert year.holds(MIDDLE)
    assert year.holds(LAST)
    assert not year.holds(FIRST - dt.timedelta(days=1))
    assert not year.holds(LAST + dt.timedelta(days=1))


def test_an_open_period_goes_on() -> None:
    assert Period(FIRST).holds(dt.date(9999, 12, 31))


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(LAST, FIRST)


def test_periods_that_share_one_day_overlap() -> None:
    assert Period(FIRST, MIDDLE).overlaps(Period(MIDDLE, LAST))
    assert not Period(FIRST, MIDDLE).overlaps(Period(MIDDLE + dt.timedelta(days=1)))


@given(periods(), periods())
def test_two_periods_overlap_when_some_day_is_in_both(one: Period, other: Period) -> None:
    days = (dt.date(2020, 1, 1) + dt.timedelta(days=step) for step in range(100))
    shared = any(one.holds(day) and other.holds(day) for day in days)
    assert one.overlaps(other) == other.overlaps(one) == shared
