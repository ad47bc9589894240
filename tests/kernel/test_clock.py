"""The clock."""

import datetime as dt

import pytest
import time_machine

from silta.kernel import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_today_is_the_date_in_finland() -> None:
    with time_machine.travel(dt.datetime(2026, 6, 30, 21, 30, tzinfo=dt.UTC), tick=False):
        assert clock.today() == dt.date(2026, 7, 1)
    with time_machine.travel(dt.datetime(2026, 12, 31, 21, 30, tzinfo=dt.UTC), tick=False):
        assert clock.today() == dt.date(2026, 12, 31)
    with time_machine.travel(dt.datetime(2026, 12, 31, 22, 0, tzinfo=dt.UTC), tick=False):
        assert clock.today() == dt.date(2027, 1, 1)


def test_the_clock_can_be_told_a_moment_and_forgets_it() -> None:
    told = dt.datetime(2024, 2, 29, 12, tzinfo=clock.HELSINKI)
    with clock.at(told):
        assert clock.now() == told
        assert clock.today() == dt.date(2024, 2, 29)
        with clock.at(told - dt.timedelta(days=1)):
            assert clock.today() == dt.date(2024, 2, 28)
        assert clock.now() == told
    assert clock.now() > told


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(dt.datetime(2024, 1, 1)):  # noqa: DTZ001 - the very thing
        pass
