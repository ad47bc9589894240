"""Days and times are written alike in the three languages: day first, by the clock of 24 hours."""

import datetime as dt

import pytest
from django.utils import formats, translation

from silta.kernel import clock
from silta.kernel.language import in_figures

MOMENT = dt.datetime(2026, 3, 7, 14, 5, tzinfo=clock.HELSINKI)


@pytest.mark.parametrize(
    ("language", "written"), [("fi", "7.3.2026 14.05"), ("sv", "7.3.2026 14.05"), ("en", "7.3.2026 14:05")]
)
def test_a_moment_is_written_day_first(language: str, written: str) -> None:
    with translation.override(language):
        assert (
            formats.date_format(MOMENT.date(), "SHORT_DATE_FORMAT") == in_figures(MOMENT.date()) == "7.3.2026"
        )
        assert formats.date_format(MOMENT, "SHORT_DATETIME_FORMAT") == written


def test_of_a_moment_the_day_in_finland_is_told() -> None:
    assert in_figures(dt.datetime(2026, 12, 31, 22, 30, tzinfo=dt.UTC)) == "1.1.2027"
