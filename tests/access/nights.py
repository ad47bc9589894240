"""Nights of retention: what was said in time, and the nights on which it could be read."""

import datetime as dt

from django.conf import settings

from silta.access import operations as access
from silta.access.models import ErasureRun
from silta.kernel import clock
from tests.cast import as_owner


def night(day: dt.date, *, is_dry: bool = False) -> ErasureRun:
    """The run of one night."""
    with clock.at(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        return access.erase(is_dry=is_dry, today=day)


def quiet_nights(first: dt.date, last: dt.date) -> None:
    """From the first day to the last retention ran each night, and there was nothing to do."""
    days = [first + dt.timedelta(number) for number in range((last - first).days + 1)]
    noons = [dt.datetime.combine(day, dt.time(12), dt.UTC) for day in days]
    with as_owner():
        ErasureRun.objects.bulk_create(ErasureRun(started_at=noon, finished_at=noon) for noon in noons)


def warned_before(day: dt.date) -> ErasureRun:
    """What goes on the day was warned of in time, and every night since then has been lived through."""
    first = day - dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
    run = night(first)
    quiet_nights(first + dt.timedelta(1), day - dt.timedelta(1))
    return run
