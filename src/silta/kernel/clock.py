"""The clock, read once in an operation and handed down. Dates are Finnish dates; moments are aware."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
_told: ContextVar[dt.datetime | None] = ContextVar("silta_told_moment", default=None)


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return _told.get() or dt.datetime.now(dt.UTC)  # noqa: TID251 - the one place that reads the machine's clock


def today() -> dt.date:
    """The present date in Finland."""
    return now().astimezone(HELSINKI).date()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Within the block it is ``moment`` for all code: how the demonstration's stories come to have a history.

    Raises ``ValueError`` for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("the moment must be aware")
    before = _told.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _told.reset(before)
