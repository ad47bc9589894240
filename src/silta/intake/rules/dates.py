"""The dates of a clienthood: each read, and all in an order that can be true."""

import datetime as dt
from collections.abc import Mapping

from silta.intake.enums import DATES, Field
from silta.intake.rules import values
from silta.intake.rules.reading import Checked, Context

# A clienthood is opened, assessed, planned, reviewed and ended in this order (381/2023 4, 6 and 8 §).
_ORDER = (
    Field.OPENED_ON,
    Field.ASSESSMENT_STARTED_ON,
    Field.PLAN_MADE_ON,
    Field.LAST_REVIEW_ON,
    Field.ENDED_ON,
)


def read(texts: Mapping[Field, str], found: Checked, context: Context) -> None:
    """Reads the dates into ``found``, and reports those that do not exist, are to come, or come before an earlier step.

    A date that is itself at fault is not compared with others: one mistake is told once.
    """
    days: dict[Field, dt.date] = {}
    for named in DATES:
        if text := texts.get(named):
            try:
                days[named] = values.read_date(text, context.today)
            except values.UnreadableError as error:
                found.report(error.code, named, text)
    _check_future(days, texts, found, context.today)
    _check_order(days, texts, found)
    _check_contact(days, texts, found)
    _check_limits(days, texts, found, context)
    found.values |= days


def _check_future(
    days: dict[Field, dt.date], texts: Mapping[Field, str], found: Checked, today: dt.date
) -> None:
    for named in [named for named, day in days.items() if day > today]:
        del days[named]
        found.report("future_opening" if named is Field.OPENED_ON else "future_date", named, texts[named])


def _check_order(days: dict[Field, dt.date], texts: Mapping[Field, str], found: Checked) -> None:
    earlier: Field | None = None
    for named in _ORDER:
        if named not in days:
            continue
        if earlier is not None and days[named] < days[earlier]:
            found.report(
                "out_of_order", named, texts[named], earlier=earlier.value, day=days[earlier].isoformat()
            )
        else:
            earlier = named
    if Field.LAST_REVIEW_ON in days and not texts.get(Field.PLAN_MADE_ON):
        del days[Field.LAST_REVIEW_ON]
        found.report("review_without_plan", Field.LAST_REVIEW_ON, texts[Field.LAST_REVIEW_ON])


def _check_contact(days: dict[Field, dt.date], texts: Mapping[Field, str], found: Checked) -> None:
    contact, opened, ended = (
        days.get(one) for one in (Field.LAST_CONTACT_ON, Field.OPENED_ON, Field.ENDED_ON)
    )
    if contact is None:
        return
    text = texts[Field.LAST_CONTACT_ON]
    if opened is not None and contact < opened:
        del days[Field.LAST_CONTACT_ON]
        found.report("contact_before_opening", Field.LAST_CONTACT_ON, text, day=opened.isoformat())
    elif ended is not None and contact > ended and (opened is None or ended >= opened):
        found.report("contact_after_end", Field.LAST_CONTACT_ON, text, day=ended.isoformat())


def _check_limits(
    days: dict[Field, dt.date], texts: Mapping[Field, str], found: Checked, context: Context
) -> None:
    born, opened, ended = (
        found.values.get(Field.BIRTH_DATE),
        days.get(Field.OPENED_ON),
        days.get(Field.ENDED_ON),
    )
    if born is not None and opened is not None and opened < born:
        found.report("before_birth", Field.OPENED_ON, texts[Field.OPENED_ON])
    if (
        ended is not None
        and opened is not None
        and ended >= opened
        and _years_after(ended, context.keep_years) < context.today
    ):
        found.report("kept_too_long", Field.ENDED_ON, texts[Field.ENDED_ON], years=context.keep_years)


def _years_after(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
