"""Periods of days: from a first day to a last day, both included; no last day means it goes on."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """A period of days, ``last`` included; raises ``ValueError`` when it would end before it begins."""

    first: dt.date
    last: dt.date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError("a period cannot end before it begins")

    def holds(self, day: dt.date) -> bool:
        """Whether the day falls within the period."""
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two periods share a day."""
        starts_in_time = other.last is None or self.first <= other.last
        ends_in_time = self.last is None or other.first <= self.last
        return starts_in_time and ends_in_time
