"""The clock, read once in an operation and handed down. Dates are Finnish dates; moments are aware."""

import datetime as dt
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251 - the one place that reads the machine's clock


def today() -> dt.date:
    """The present date in Finland."""
    return now().astimezone(HELSINKI).date()
