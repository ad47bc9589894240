"""The Finnish calendar: which days count, and where a count of days or months ends.

Three kinds of day are told apart, because law counts in all three (law-standards-evidence.md 1.2 and 1.5):
calendar days and months, working days of the authorities, and the days of sickness allowance.
"""

import calendar
import datetime as dt
from enum import StrEnum
from functools import cache

import holidays

_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_CHRISTMAS_EVE = (12, 24)
_JUNE, _MIDSUMMER_EVE_EARLIEST, _MIDSUMMER_EVE_LATEST = 6, 19, 25


class Unit(StrEnum):
    """What an amount of time is counted in."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    SICKPAY_DAYS = "sickpay_days"
    MONTHS = "months"


def is_eve(day: dt.date) -> bool:
    """Whether it is Christmas Eve or Midsummer Eve: offices are shut, yet neither is a public holiday."""
    if (day.month, day.day) == _CHRISTMAS_EVE:
        return True
    in_range = day.month == _JUNE and _MIDSUMMER_EVE_EARLIEST <= day.day <= _MIDSUMMER_EVE_LATEST
    return in_range and day.weekday() == _FRIDAY


@cache
def public_holidays(year: int) -> frozenset[dt.date]:
    """The public holidays of the year in Finland: church holidays, Independence Day and May Day, as in force that year."""
    return frozenset(day for day in holidays.country_holidays("FI", years=year) if not is_eve(day))


def is_working_day(day: dt.date) -> bool:
    """Whether the authorities work: Monday to Friday, no public holiday, neither eve (the days of 150/1930 5 §)."""
    return day.weekday() < _SATURDAY and not is_eve(day) and day not in public_holidays(day.year)


def is_sickpay_day(day: dt.date) -> bool:
    """Whether sickness allowance counts the day: Monday to Saturday, no public holiday (law-standards-evidence.md 1.5)."""
    return day.weekday() != _SUNDAY and day not in public_holidays(day.year)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later (or earlier); the month's last day where it has no such day.

    2026-01-31 plus one month is 2026-02-28.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The so manieth working day after the day (before it, for a negative count); the day itself is not counted."""
    return _counted(day, count, working=True)


def add_sickpay_days(day: dt.date, count: int) -> dt.date:
    """The so manieth day of sickness allowance after the day; the day itself is not counted."""
    return _counted(day, count, working=False)


def _counted(day: dt.date, count: int, *, working: bool) -> dt.date:
    counts = is_working_day if working else is_sickpay_day
    step = dt.timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= counts(day)
    return day


def add(day: dt.date, amount: int, unit: Unit) -> dt.date:
    """The day so many days, working days, sick-pay days or months later; earlier, for a negative amount."""
    if unit is Unit.MONTHS:
        return add_months(day, amount)
    if unit is Unit.DAYS:
        return day + dt.timedelta(days=amount)
    return add_working_days(day, amount) if unit is Unit.WORKING_DAYS else add_sickpay_days(day, amount)


def moved_to_working_day(day: dt.date) -> dt.date:
    """The day itself, or the first working day after it where the office is shut (150/1930 5 §).

    The act is about what a citizen must do towards an authority by a day; a rule says itself whether it applies.
    """
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day
