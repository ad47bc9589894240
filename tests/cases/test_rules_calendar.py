import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silta.cases.rules import calendar
from silta.cases.rules.calendar import Unit

DAYS = st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 1, 15), 3, dt.date(2026, 4, 15)),
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2028, 1, 31), 1, dt.date(2028, 2, 29)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 10, 1), 48, dt.date(2030, 10, 1)),
        (dt.date(2026, 3, 31), -1, dt.date(2026, 2, 28)),
        (dt.date(2026, 12, 5), 1, dt.date(2027, 1, 5)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last(day: dt.date, months: int, expected: dt.date) -> None:
    assert calendar.add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (dt.date(2026, 1, 6), "Epiphany"),
        (dt.date(2026, 5, 14), "Ascension Day"),
        (dt.date(2026, 6, 20), "Midsummer Day"),
        (dt.date(2026, 10, 31), "All Saints"),
        (dt.date(2026, 12, 6), "Independence Day"),
    ],
)
def test_public_holidays_are_the_official_ones(day: dt.date, why: str) -> None:
    assert day in calendar.public_holidays(2026), why


def test_eves_shut_the_office_without_being_holidays() -> None:
    for eve in (dt.date(2026, 6, 19), dt.date(2026, 12, 24)):
        assert eve not in calendar.public_holidays(2026)
        assert not calendar.is_working_day(eve)
        assert calendar.is_sickpay_day(eve)


def test_bank_days_and_flag_days_are_working_days() -> None:
    assert calendar.is_working_day(dt.date(2026, 2, 5))
    assert calendar.is_working_day(dt.date(2026, 12, 31))


def test_working_days_step_over_epiphany() -> None:
    assert calendar.add_working_days(dt.date(2026, 1, 2), 2) == dt.date(2026, 1, 7)
    assert calendar.add_working_days(dt.date(2026, 1, 7), -2) == dt.date(2026, 1, 2)


def test_the_allowance_counts_saturdays() -> None:
    friday = dt.date(2026, 9, 4)
    assert calendar.add_sickpay_days(friday, 1) == dt.date(2026, 9, 5)
    assert calendar.add_working_days(friday, 1) == dt.date(2026, 9, 7)
    assert calendar.add_sickpay_days(friday, 6) == dt.date(2026, 9, 11)


def test_a_day_on_which_the_office_is_shut_moves_on() -> None:
    assert calendar.moved_to_working_day(dt.date(2026, 12, 24)) == dt.date(2026, 12, 28)
    assert calendar.moved_to_working_day(dt.date(2026, 9, 5)) == dt.date(2026, 9, 7)
    assert calendar.moved_to_working_day(dt.date(2026, 9, 7)) == dt.date(2026, 9, 7)


@given(DAYS, st.integers(-120, 120))
def test_months_keep_the_day_or_shorten_it(day: dt.date, months: int) -> None:
    found = calendar.add_months(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found.day < day.day and (found + dt.timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.integers(0, 60), st.sampled_from(Unit))
def test_a_later_start_is_never_due_earlier(one: dt.date, other: dt.date, amount: int, unit: Unit) -> None:
    first, second = sorted((one, other))
    assert calendar.add(first, amount, unit) <= calendar.add(second, amount, unit)


@given(DAYS, st.integers(1, 60), st.sampled_from([Unit.WORKING_DAYS, Unit.SICKPAY_DAYS]))
def test_counted_days_end_on_a_day_that_counts(day: dt.date, amount: int, unit: Unit) -> None:
    found = calendar.add(day, amount, unit)
    counts = calendar.is_working_day if unit is Unit.WORKING_DAYS else calendar.is_sickpay_day
    between = (day + dt.timedelta(days=n) for n in range(1, (found - day).days + 1))
    assert counts(found)
    assert sum(map(counts, between)) == amount


@given(DAYS, st.integers(0, 60), st.sampled_from(Unit))
def test_one_more_is_never_earlier(day: dt.date, amount: int, unit: Unit) -> None:
    assert calendar.add(day, amount, unit) <= calendar.add(day, amount + 1, unit)
